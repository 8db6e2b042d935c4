// Clients in C++, driven by cases.mjs: emscripten/websocket.h, and steady::Socket. All receivers
// read the first and the last byte of a message.
#include <emscripten/emscripten.h>
#include <emscripten/websocket.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "steady/socket.hpp"

namespace {

constexpr const char* url = "ws://stub.test/";

unsigned seen = 0;
unsigned sum = 0;

EMSCRIPTEN_WEBSOCKET_T header_socket = 0;
// Live until the program ends.
steady::Socket* steady_socket = nullptr;
steady::Socket* queued_socket = nullptr;

/// The payload to send.
std::string message;

void look_at(std::string_view data) {
  ++seen;
  sum += static_cast<unsigned char>(data.front()) + static_cast<unsigned char>(data.back());
}

EM_BOOL on_header_message(int, const EmscriptenWebSocketMessageEvent* event, void*) {
  // The header terminates text with a zero, and counts it.
  const std::size_t zero = event->isText ? 1 : 0;
  look_at({reinterpret_cast<const char*>(event->data), event->numBytes - zero});
  return EM_TRUE;
}

}  // namespace

extern "C" {

EMSCRIPTEN_KEEPALIVE void bench_open_header() {
  EmscriptenWebSocketCreateAttributes attributes;
  emscripten_websocket_init_create_attributes(&attributes);
  attributes.url = url;
  header_socket = emscripten_websocket_new(&attributes);
  emscripten_websocket_set_onmessage_callback(header_socket, nullptr, on_header_message);
}

/// `route`: 0 receives every message, 1 those of type chat, 2 those of another type, 3 every
/// message in poll().
EMSCRIPTEN_KEEPALIVE void bench_open_steady(int route) {
  const bool is_queued = route == 3;
  const auto dispatch = is_queued ? steady::Dispatch::queued : steady::Dispatch::immediate;
  auto* socket = new steady::Socket({.url = url, .dispatch = dispatch});
  const auto handler = [](const steady::Message& received) { look_at(received.data); };
  if (route == 0 || is_queued) {
    socket->on_message(handler).keep();
  } else {
    socket->on(route == 1 ? "chat" : "other", handler).keep();
  }
  (is_queued ? queued_socket : steady_socket) = socket;
}

EMSCRIPTEN_KEEPALIVE void bench_poll() { queued_socket->poll(); }

EMSCRIPTEN_KEEPALIVE void bench_compose(int size) {
  message.assign(static_cast<std::size_t>(size), 'x');
}

// websocket.h needs a zero-terminated string.
EMSCRIPTEN_KEEPALIVE void bench_header_text() {
  emscripten_websocket_send_utf8_text(header_socket, message.c_str());
}
EMSCRIPTEN_KEEPALIVE void bench_header_binary() {
  emscripten_websocket_send_binary(header_socket, message.data(),
                                   static_cast<std::uint32_t>(message.size()));
}
EMSCRIPTEN_KEEPALIVE void bench_steady_text() { steady_socket->send(message); }
EMSCRIPTEN_KEEPALIVE void bench_steady_binary() {
  steady_socket->send(std::as_bytes(std::span(message)));
}

EMSCRIPTEN_KEEPALIVE unsigned bench_seen() { return seen; }

/// Keeps the compiler from removing the reads of the handler.
EMSCRIPTEN_KEEPALIVE unsigned bench_sum() { return sum; }

}  // extern "C"
