#pragma once

#include <memory>
#include <string_view>

#include "steady/socket.hpp"

namespace steady::js {

struct SharedCalls;

/// A Socket that C++ shares with JavaScript, which uses it as a SteadySocket: `attach(Module,
/// name)` of the npm package's `steadysocket/attach` finds it by name. Both sides receive all
/// messages and events, and both send, in one order. For programs on the web, with
/// steadysocket_add_bindings(target) in CMake.
///
/// Events are dispatched to JavaScript from the event loop; Options::dispatch applies to C++ only.
/// Messages that JavaScript sends or receives are not copied into the program's memory, except for
/// those that C++ has subscribed to.
class SharedSocket {
 public:
  /// Creates the Socket on a web::WebRuntime. `name` is UTF-8, not empty, and unique among the
  /// shared sockets of this module; otherwise the socket is closed: see error().
  SharedSocket(std::string_view name, Options options);
  SharedSocket(const SharedSocket&) = delete;
  SharedSocket& operator=(const SharedSocket&) = delete;
  /// Aborts the connection, as ~Socket does. Unless the socket was closed before, one `close` event
  /// with code 1006 is dispatched to attached SteadySockets. No event follows. Handlers may destroy
  /// the SharedSocket.
  ~SharedSocket();

  /// Returns the Socket, which is valid as long as this object.
  Socket& socket();

  /// Returns invalid_option if the name was refused, in which case JavaScript cannot attach;
  /// otherwise Socket::error().
  const Error& error() const;

 private:
  class Impl;
  friend struct SharedCalls;
  std::unique_ptr<Impl> impl_;
};

}  // namespace steady::js
