// A C++ program with one Socket, driven by tests/node/guards.test.mjs through these calls. Events
// are passed to Module.log, a line each.
#include <emscripten/emscripten.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "steady/socket.hpp"

EM_JS(void, guard_log, (const char* line), { Module.log(UTF8ToString(line)); });

namespace {

/// Static data, which a write through a null pointer would hit first.
class Canary {
 public:
  Canary() {
    for (std::size_t i = 0; i < sizeof bytes_; ++i) bytes_[i] = expected(i);
  }

  bool lives() const {
    for (std::size_t i = 0; i < sizeof bytes_; ++i) {
      if (bytes_[i] != expected(i)) return false;
    }
    return true;
  }

 private:
  static unsigned char expected(std::size_t i) { return static_cast<unsigned char>(i * 31 + 7); }

  volatile unsigned char bytes_[8192];
};

Canary canary;

void log(const std::string& line) { guard_log(line.c_str()); }

std::string visible(std::string_view data) {
  std::string text;
  for (const char c : data) text += c == '\0' ? std::string("<0>") : std::string(1, c);
  return text;
}

struct Program {
  explicit Program(steady::Options options) : socket(std::move(options)) {
    socket.on_open([] { log("open"); }).keep();
    socket
        .on_close([](const steady::CloseInfo& info) {
          log("close " + std::to_string(info.code) + " " + info.reason);
        })
        .keep();
    socket
        .on_error(
            [](const steady::Error& error) { log(std::string("error ") + to_string(error.code)); })
        .keep();
    socket
        .on_drop(
            [](const steady::Drop& drop) { log(std::string("drop ") + to_string(drop.reason)); })
        .keep();
    socket
        .on_message([](const steady::Message& message) {
          const bool is_text = message.kind == steady::MessageKind::text;
          log((is_text ? "text " : "binary ") + std::to_string(message.data.size()) + " " +
              visible(message.data.substr(0, 100)));
        })
        .keep();
    socket.on("routed", [](const steady::Message&) { log("routed"); }).keep();
  }

  steady::Socket socket;
};

std::unique_ptr<Program> program;

}  // namespace

extern "C" {

EMSCRIPTEN_KEEPALIVE int guard_open_with_header(const char* url) {
  program = std::make_unique<Program>(
      steady::Options{.url = url, .headers = {{"Authorization", "Bearer token"}}});
  log(program->socket.error().message);
  return static_cast<int>(program->socket.error().code);
}

EMSCRIPTEN_KEEPALIVE int guard_open(const char* url, const char* subprotocol) {
  steady::Options options;
  options.url = url;
  if (*subprotocol != '\0') options.subprotocols = {subprotocol};
  options.reconnect.initial_delay = std::chrono::milliseconds(10);
  options.reconnect.max_delay = std::chrono::milliseconds(20);
  program = std::make_unique<Program>(std::move(options));
  return static_cast<int>(program->socket.error().code);
}

EMSCRIPTEN_KEEPALIVE int guard_send(const char* text) {
  return static_cast<int>(program->socket.send(std::string_view(text)).status);
}

EMSCRIPTEN_KEEPALIVE int guard_send_repeated(const char* text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return static_cast<int>(program->socket.send(std::string_view(all)).status);
}

EMSCRIPTEN_KEEPALIVE int guard_send_with_nul() {
  return static_cast<int>(program->socket.send(std::string_view("a\0b\0", 4)).status);
}

EMSCRIPTEN_KEEPALIVE int guard_send_binary() {
  const std::byte bytes[] = {std::byte{0}, std::byte{'x'}, std::byte{0}};
  return static_cast<int>(program->socket.send(bytes).status);
}

EMSCRIPTEN_KEEPALIVE int guard_close(int code, const char* reason) {
  steady::CloseOptions options{.reason = reason};
  if (code >= 0) options.code = static_cast<std::uint16_t>(code);
  return static_cast<int>(program->socket.close(options).code);
}

EMSCRIPTEN_KEEPALIVE void guard_destroy() { program.reset(); }

EMSCRIPTEN_KEEPALIVE const char* guard_state() { return to_string(program->socket.state()); }

/// Uses 4 KB of stack for each level.
EMSCRIPTEN_KEEPALIVE int guard_recurse(int depth) {
  volatile char frame[1 << 12];
  frame[depth] = 1;
  return depth == 0 ? 0 : guard_recurse(depth - 1) + frame[depth];
}

EMSCRIPTEN_KEEPALIVE int guard_canary_lives() { return canary.lives() ? 1 : 0; }

}  // extern "C"
