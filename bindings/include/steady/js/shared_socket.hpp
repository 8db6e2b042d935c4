#pragma once

#include <memory>
#include <string_view>

#include "steady/socket.hpp"

namespace steady::js {

struct SharedCalls;

/// A Socket that JavaScript uses as well, as a SteadySocket: `attach(Module, name)` of the npm
/// package's `steadysocket/attach` finds it by its name. Both sides hear every message and every
/// event, both send, in one order. For programs on the web, with
/// steadysocket_add_bindings(target) in CMake.
///
/// JavaScript is told by the event loop, whatever Options::dispatch says to C++. What it sends and
/// hears is not copied into the program's memory, except for messages that C++ has subscribed to.
class SharedSocket {
 public:
  /// Makes the Socket, on the web's Runtime. `name`: 1 byte or more of UTF-8, not the name of
  /// another one that there is in this module. If it is refused the socket is closed: see error().
  SharedSocket(std::string_view name, Options options);
  SharedSocket(const SharedSocket&) = delete;
  SharedSocket& operator=(const SharedSocket&) = delete;
  /// Abandons the connection, as that of Socket does. Those who are attached are told one `close`
  /// with the code 1006, unless the socket was closed before, and nothing more. Handlers may
  /// destroy it.
  ~SharedSocket();

  /// Lives as long as this object.
  Socket& socket();

  /// Why it is of no use to JavaScript (invalid_option, for the name), or the socket's own error.
  const Error& error() const;

 private:
  class Impl;
  friend struct SharedCalls;
  std::unique_ptr<Impl> impl_;
};

}  // namespace steady::js
