#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "steady/transport.hpp"

namespace steady::web {

/// A Transport on emscripten/websocket.h.
class WebTransport : public Transport {
 public:
  explicit WebTransport(std::uint32_t observer) : observer_(observer) {}
  WebTransport(const WebTransport&) = delete;
  WebTransport& operator=(const WebTransport&) = delete;
  ~WebTransport() override;

  Error open(const ConnectRequest& request, TransportListener& listener) override;
  TransportSend send(const Payload& payload) override;
  void close(std::uint16_t code, std::string_view reason) override;
  std::size_t buffered_amount() const override;
  std::string subprotocol() const override;

  // Called from the browser's events. Each may end in the destruction of this object.
  void handle_open();
  bool handle_message(MessageKind kind, std::size_t units);
  void handle_error();
  void handle_close(CloseInfo info);
  /// How long there has been no close event after an error event.
  enum class Silence : std::uint8_t { at_once, lasting };
  void handle_silence(Silence silence);

 protected:
  std::uint32_t observer() const { return observer_; }
  /// emscripten/websocket.h's number of it; 0 is none.
  int socket() const { return socket_; }

 private:
  void watch_silence(Silence silence);
  void fail(ErrorCode code, CloseInfo info);

  std::uint32_t observer_;
  int socket_ = 0;
  /// The buffered amount when last read.
  mutable std::size_t last_amount_ = 0;
  /// The connection has ended without a close handshake.
  bool was_cut_ = false;
  /// What the browser's callbacks carry: see transport_of.
  void* key_ = nullptr;
  bool was_open_ = false;
  std::uint32_t silence_timer_ = 0;
  /// There was an error event; it is told together with the end that follows.
  bool failed_ = false;
  /// What the platform said about it, if it said anything.
  std::string failure_;
  TransportListener* listener_ = nullptr;
  Generation generation_ = 0;
};

}  // namespace steady::web
