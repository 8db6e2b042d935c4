// What is called for a message that needs a decision: plain exports with numbers, since a bound
// method costs five times as much where eval is forbidden.
#include <emscripten/emscripten.h>

#include <cstddef>
#include <cstdint>

#include "js_socket.hpp"

using steady::SendStatus;
using steady::bindings::JsSocket;

extern "C" {

/// `format`: see JsSocket::Format. `size` may be an upper bound. Returns a TransportSend.
EMSCRIPTEN_KEEPALIVE int steady_js_send_now(JsSocket* socket, int format, std::size_t size) {
  return static_cast<int>(socket->send_now(static_cast<JsSocket::Format>(format), size));
}

/// Returns the id of a queued message, 0 if it was sent, `tracked` more than its id if it was sent
/// and is tracked, the negative DropReason if it was rejected, and `dropped` less if it was
/// dropped.
EMSCRIPTEN_KEEPALIVE double steady_js_send(JsSocket* socket, int format, std::uint32_t payload,
                                           std::size_t size) {
  const auto result = socket->send(static_cast<JsSocket::Format>(format), payload, size);
  constexpr double tracked = 0x1p32;
  constexpr double dropped = 0x1p8;
  const auto id = static_cast<double>(result.id);
  const auto reason = static_cast<double>(result.reason);
  switch (result.status) {
    case SendStatus::sent:
      return result.id != 0 ? id + tracked : 0;
    case SendStatus::queued:
      return id;
    case SendStatus::dropped:
      return -reason - dropped;
    case SendStatus::rejected:
      break;
  }
  return -reason;
}

/// A State, and `receives` more while messages are told.
EMSCRIPTEN_KEEPALIVE int steady_js_state(JsSocket* socket) {
  constexpr int receives = 8;
  return static_cast<int>(socket->socket().state()) +
         (socket->socket().is_receiving() ? receives : 0);
}

}  // extern "C"
