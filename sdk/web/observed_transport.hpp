#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "web_transport.hpp"

namespace steady::web {

/// A WebTransport beside which JavaScript sends and receives by itself, as far as it is granted. In
/// a file of its own: a program that makes no WebRuntime with an observer does not carry it.
class ObservedTransport final : public WebTransport {
 public:
  using WebTransport::WebTransport;

  TransportSend send(const Payload& payload) override;
  TransportSend send_batch(std::span<const Payload* const> payloads) override;
  bool takes_grants() const override { return observer() != 0; }
  void grant(const Grant& grant) override;
  std::size_t unasked_bytes() const override;
  void forget_unasked() override;
  std::optional<Payload> take_unasked() override;
  bool take_heard() override;
};

}  // namespace steady::web
