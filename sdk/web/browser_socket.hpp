#pragma once

#include <cstddef>
#include <cstdint>

#include "steady/error_code.hpp"

namespace steady::web {

/// Listener of one BrowserSocket, called for the browser's events. Each call may destroy the
/// BrowserSocket. Error messages and close reasons stay in JavaScript: see
/// steady_web_leave_failure and steady_web_leave_reason.
class BrowserSocketListener {
 public:
  virtual void on_open() = 0;
  /// on_close follows.
  virtual void on_error(ErrorCode code) = 0;
  virtual void on_close(std::uint16_t code, bool was_clean) = 0;
  /// A message has arrived. `units` is its size in UTF-16 code units of text, or in bytes. Returns
  /// false if it must not be dispatched.
  virtual bool on_message(bool is_text, std::size_t units) = 0;

 protected:
  ~BrowserSocketListener() = default;
};

/// At most one WebSocket of the browser, used through emscripten/websocket.h. The interface has
/// numbers and C strings only, because the npm package uses it without the C++ shell; C++ programs
/// use it through a WebTransport.
class BrowserSocket {
 public:
  BrowserSocket() = default;
  BrowserSocket(const BrowserSocket&) = delete;
  BrowserSocket& operator=(const BrowserSocket&) = delete;
  ~BrowserSocket() { abandon(); }

  /// Starts to connect. There must be no connection. `subprotocols` is a comma-separated list, or
  /// null. `observer`: see steady_web_new; 0 is none. After an error, steady_web_take_text returns
  /// its message. Errors: invalid_url, blocked, not_supported.
  ErrorCode open(const char* url, const char* subprotocols, std::uint32_t observer,
                 BrowserSocketListener& listener);
  /// Starts the close handshake. A `code` of 0 sends none. The reason is the string passed to
  /// steady_web_leave_text, or to SteadyWeb.leaveText. Both must be valid.
  void close(std::uint16_t code);
  /// Aborts the connection, if there is one. The listener is not called after that.
  void abandon();

  /// Returns the handle of emscripten/websocket.h; 0 is none.
  int handle() const { return handle_; }
  /// Returns the key that the browser's callbacks carry.
  void* key() const { return key_; }

  // Called from the browser's events.
  void handle_open();
  void handle_error() { has_failed_ = true; }
  bool handle_message(bool is_text, std::size_t units) {
    return listener_->on_message(is_text, units);
  }
  void handle_close(std::uint16_t code, bool was_clean);
  /// No close event has followed an error event. `is_blocked`: the page's policy forbids the
  /// connection.
  void handle_failure(bool is_blocked);

 private:
  void fail(ErrorCode error, std::uint16_t code, bool was_clean);

  int handle_ = 0;
  void* key_ = nullptr;
  std::uint32_t observer_ = 0;
  BrowserSocketListener* listener_ = nullptr;
  /// There was an error event. It is reported together with the close event that follows.
  bool has_failed_ = false;
};

}  // namespace steady::web
