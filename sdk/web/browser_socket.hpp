#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "steady/error_code.hpp"

namespace steady::web {

/// Hears one BrowserSocket, from the browser's events. Each call may end in its destruction. The
/// texts of what is reported stay in JavaScript: see steady_web_listen.
class BrowserSocketListener {
 public:
  virtual void on_open() = 0;
  /// on_close follows.
  virtual void on_error(ErrorCode code) = 0;
  virtual void on_close(std::uint16_t code, bool was_clean) = 0;
  /// A message has arrived. `units`: UTF-16 code units of a text, or bytes. False if nobody should
  /// see it.
  virtual bool on_message(bool is_text, std::size_t units) = 0;

 protected:
  ~BrowserSocketListener() = default;
};

/// At most one browser WebSocket, opened, watched and closed through emscripten/websocket.h.
/// Numbers and C strings only: programs in C++ have a Transport on it, the npm package a kernel.
class BrowserSocket {
 public:
  BrowserSocket() = default;
  BrowserSocket(const BrowserSocket&) = delete;
  BrowserSocket& operator=(const BrowserSocket&) = delete;
  ~BrowserSocket() { abandon(); }

  /// Begins to connect, if there is no connection. `subprotocols` is a list with commas, or null.
  /// `observer`: see steady_web_new; 0 is none. If it fails, the reason is the text that was left
  /// in JavaScript. Errors: invalid_url, blocked, not_supported.
  ErrorCode open(const char* url, const char* subprotocols, std::uint32_t observer,
                 BrowserSocketListener& listener);
  /// Begins the close handshake. `code` 0 sends none. Both were checked.
  void close(std::uint16_t code, std::string_view reason);
  /// Gives up the connection, if there is one. Nothing is called after that.
  void abandon();

  /// emscripten/websocket.h's number of it; 0 is none.
  int handle() const { return handle_; }
  /// What the browser's callbacks carry.
  void* key() const { return key_; }

  // Called from the browser's events.
  void handle_open();
  void handle_error() { has_failed_ = true; }
  bool handle_message(bool is_text, std::size_t units) {
    return listener_->on_message(is_text, units);
  }
  void handle_close(std::uint16_t code, bool was_clean);
  /// There was no close event after an error event. `is_blocked`: the page's policy is the reason.
  void handle_failure(bool is_blocked);

 private:
  void fail(ErrorCode error, std::uint16_t code, bool was_clean);

  int handle_ = 0;
  void* key_ = nullptr;
  std::uint32_t observer_ = 0;
  BrowserSocketListener* listener_ = nullptr;
  /// There was an error event. It is reported together with the close that follows.
  bool has_failed_ = false;
};

}  // namespace steady::web
