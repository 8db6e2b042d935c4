// A C++ program with its own bindings that shares a socket with JavaScript. Driven by
// tests/node/shared.test.mjs and tests/browser/shared.test.mjs.
#include <emscripten/bind.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "steady/js/shared_socket.hpp"

namespace {

using emscripten::val;

/// The program's interface to a shared socket. Its names are also used by the bindings inside the
/// npm package, which must not conflict.
class Game {
 public:
  /// `flags`: 1 dispatches from poll(), 2 batches, 4 queues a single message and drops the oldest,
  /// 8 enables a session.
  Game(const std::string& name, const std::string& url, int flags, val output)
      : output_(std::move(output)), shared_(name, options_for(url, flags)) {
    steady::Socket& socket = shared_.socket();
    socket.on_open([this] { log("open"); }).keep();
    socket
        .on_close(
            [this](const steady::CloseInfo& info) { log("close " + std::to_string(info.code)); })
        .keep();
    socket
        .on_drop([this](const steady::Drop& drop) {
          // Messages sent by JavaScript are not in this program's memory.
          const char* const where = drop.payload.is_external() ? "theirs " : "ours ";
          log("drop " + std::string(where) + to_string(drop.reason) + " " +
              std::to_string(drop.payload.size()));
        })
        .keep();
  }

  /// Logs every message of the type.
  void on(const std::string& type) {
    shared_.socket()
        .on(type, [this](const steady::Message& message) { log(std::string(message.data)); })
        .keep();
  }
  /// Calls `handler`, which may do anything, with every message of the type.
  void call(const std::string& type, val handler) {
    shared_.socket().on(type, [handler](const steady::Message&) { handler(); }).keep();
  }
  std::string send(const std::string& text) {
    return to_string(shared_.socket().send(text).status);
  }
  /// Sends `count` bytes of value 7.
  std::string send_bytes(int count) {
    const std::vector<std::byte> bytes(static_cast<std::size_t>(count), std::byte{7});
    return to_string(shared_.socket().send(bytes).status);
  }
  std::string send_json(const std::string& text) {
    return to_string(shared_.socket().send(steady::Payload::json(text)).status);
  }
  int poll() { return static_cast<int>(shared_.socket().poll()); }
  void close(int code) { shared_.socket().close({.code = static_cast<std::uint16_t>(code)}); }
  void connect() { shared_.socket().connect(); }
  void reconnect() { shared_.socket().reconnect(); }
  std::string state() { return to_string(shared_.socket().state()); }
  std::string error() { return shared_.error().message; }

 private:
  static steady::Options options_for(const std::string& url, int flags) {
    steady::Options options;
    options.url = url;
    if ((flags & 1) != 0) options.dispatch = steady::Dispatch::queued;
    if ((flags & 2) != 0) options.batch.emplace();
    if ((flags & 4) != 0) {
      options.queue = {.max_messages = 1, .overflow = steady::Overflow::drop_oldest};
    }
    if ((flags & 8) != 0) options.session.emplace();
    options.reconnect.initial_delay = std::chrono::milliseconds(10);
    options.reconnect.max_delay = std::chrono::milliseconds(20);
    options.start = steady::Start::on_connect;
    return options;
  }

  void log(const std::string& line) { output_(line); }

  val output_;
  steady::js::SharedSocket shared_;
};

std::size_t create() { return 1; }

}  // namespace

EMSCRIPTEN_BINDINGS(game) {
  emscripten::class_<Game>("Game")
      .constructor<std::string, std::string, int, val>()
      .function("on", &Game::on)
      .function("call", &Game::call)
      .function("send", &Game::send)
      .function("sendBytes", &Game::send_bytes)
      .function("sendJson", &Game::send_json)
      .function("poll", &Game::poll)
      .function("close", &Game::close)
      .function("connect", &Game::connect)
      .function("reconnect", &Game::reconnect)
      .function("state", &Game::state)
      .function("error", &Game::error);
  emscripten::function("create", &create);
}
