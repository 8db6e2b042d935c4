#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "browser_socket.hpp"
#include "steady/transport.hpp"

namespace steady::web {

/// A Transport on a BrowserSocket.
class WebTransport : public Transport, private BrowserSocketListener {
 public:
  /// `observer`: see steady_web_new; 0 is none.
  explicit WebTransport(std::uint32_t observer) : observer_(observer) {}

  Error open(const ConnectRequest& request, TransportListener& listener) override;
  TransportSend send(const Payload& payload) override;
  void close(std::uint16_t code, std::string_view reason) override;
  std::size_t buffered_amount() const override;
  std::string subprotocol() const override;

 protected:
  std::uint32_t observer() const { return observer_; }
  int handle() const { return socket_.handle(); }

 private:
  void on_open() override;
  void on_error(ErrorCode code) override;
  void on_close(std::uint16_t code, bool was_clean) override;
  bool on_message(bool is_text, std::size_t units) override;

  std::uint32_t observer_;
  BrowserSocket socket_;
  TransportListener* listener_ = nullptr;
  Generation generation_ = 0;
};

}  // namespace steady::web
