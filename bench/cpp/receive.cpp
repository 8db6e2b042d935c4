// Receivers of text, driven by cases.mjs: emscripten/websocket.h, and steady::Socket. All look at
// the first and the last byte of a message.
#include <emscripten/emscripten.h>
#include <emscripten/websocket.h>

#include <cstddef>
#include <string_view>

#include "steady/socket.hpp"

namespace {

constexpr const char* url = "ws://stub.test/";

unsigned seen = 0;
unsigned sum = 0;

void look_at(std::string_view text) {
  ++seen;
  sum += static_cast<unsigned char>(text.front()) + static_cast<unsigned char>(text.back());
}

EM_BOOL on_header_message(int, const EmscriptenWebSocketMessageEvent* event, void*) {
  // The header ends a text with a zero, and counts it.
  look_at({reinterpret_cast<const char*>(event->data), event->numBytes - std::size_t{1}});
  return EM_TRUE;
}

}  // namespace

extern "C" {

EMSCRIPTEN_KEEPALIVE void bench_open_header() {
  EmscriptenWebSocketCreateAttributes attributes;
  emscripten_websocket_init_create_attributes(&attributes);
  attributes.url = url;
  const EMSCRIPTEN_WEBSOCKET_T socket = emscripten_websocket_new(&attributes);
  emscripten_websocket_set_onmessage_callback(socket, nullptr, on_header_message);
}

/// `route`: 0 hears every message, 1 those of type chat, 2 those of another type.
/// The socket lives as long as the program.
EMSCRIPTEN_KEEPALIVE void bench_open_steady(int route) {
  auto* socket = new steady::Socket({.url = url});
  const auto handler = [](const steady::Message& message) { look_at(message.data); };
  if (route == 0) {
    socket->on_message(handler).keep();
  } else {
    socket->on(route == 1 ? "chat" : "other", handler).keep();
  }
}

EMSCRIPTEN_KEEPALIVE unsigned bench_seen() { return seen; }

/// Keeps the compiler from leaving out what the handler looks at.
EMSCRIPTEN_KEEPALIVE unsigned bench_sum() { return sum; }

}  // extern "C"
