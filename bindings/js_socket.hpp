#pragma once

#include <cstdint>

#include "steady/socket.hpp"
#include "steady/web/web_runtime.hpp"

namespace steady::bindings {

/// A Socket for JavaScript. Its messages are JavaScript values, queued as handles in
/// SteadyWeb.payloads; its events are told to the observer.
class JsSocket {
 public:
  /// `observer`: see WebRuntime. The socket is idle until connect().
  JsSocket(Options options, std::uint32_t observer);
  JsSocket(const JsSocket&) = delete;
  JsSocket& operator=(const JsSocket&) = delete;

  Socket& socket() { return socket_; }

  /// As those of Socket; the error is kept for last_error().
  ErrorCode connect();
  ErrorCode close(const CloseOptions& options);
  const Error& last_error() const { return error_; }

  /// Sends SteadyWeb.now if the browser can have it now.
  bool send_now(MessageKind kind, std::size_t size);
  /// Sends the payload behind `handle`, and releases the handle when it is sent or dropped.
  SendResult send(MessageKind kind, std::uint32_t handle, std::size_t size);

 private:
  ErrorCode remember(Error error);

  Socket socket_;
  Error error_;
};

}  // namespace steady::bindings
