#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "../sdk/web/web_transport.hpp"

namespace steady::bindings {

/// A WebTransport on whose connection JavaScript sends and receives too, within the Grant.
class SharedTransport final : public web::WebTransport {
 public:
  using WebTransport::WebTransport;

  TransportSend send(const Payload& payload) override;
  TransportSend send_batch(std::span<const Payload* const> payloads) override;
  bool takes_grants() const override { return observer() != 0; }
  void grant(const Grant& grant) override;
  void take_sent(std::vector<Payload>& sent) override;
  bool take_heard() override;
};

/// Factory for web::WebRuntime.
std::unique_ptr<Transport> make_shared_transport(std::uint32_t observer);

}  // namespace steady::bindings
