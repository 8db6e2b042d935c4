// What is called for every message: plain exports with numbers, since a bound method costs five
// times as much where eval is forbidden.
#include <emscripten/emscripten.h>

#include <cstddef>
#include <cstdint>

#include "js_socket.hpp"

using steady::MessageKind;
using steady::SendStatus;
using steady::bindings::JsSocket;

extern "C" {

/// `size` may be an upper bound. Returns a TransportSend.
EMSCRIPTEN_KEEPALIVE int steady_js_send_now(JsSocket* socket, int is_text, std::size_t size) {
  const auto kind = is_text != 0 ? MessageKind::text : MessageKind::binary;
  return static_cast<int>(socket->send_now(kind, size));
}

/// Returns the id of a queued message, 0 if it was sent, or the negative DropReason.
EMSCRIPTEN_KEEPALIVE double steady_js_send(JsSocket* socket, int is_text, std::uint32_t payload,
                                           std::size_t size) {
  const auto kind = is_text != 0 ? MessageKind::text : MessageKind::binary;
  const auto result = socket->send(kind, payload, size);
  if (result.status == SendStatus::rejected) return -static_cast<double>(result.reason);
  return static_cast<double>(result.id);
}

EMSCRIPTEN_KEEPALIVE int steady_js_state(JsSocket* socket) {
  return static_cast<int>(socket->socket().state());
}

}  // extern "C"
