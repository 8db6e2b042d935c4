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

/// Returns the id of a queued message, 0 if it was sent, or the negative DropReason.
EMSCRIPTEN_KEEPALIVE double steady_js_send(JsSocket* socket, int format, std::uint32_t payload,
                                           std::size_t size) {
  const auto result = socket->send(static_cast<JsSocket::Format>(format), payload, size);
  if (result.status == SendStatus::rejected) return -static_cast<double>(result.reason);
  return static_cast<double>(result.id);
}

EMSCRIPTEN_KEEPALIVE int steady_js_state(JsSocket* socket) {
  return static_cast<int>(socket->socket().state());
}

}  // extern "C"
