#pragma once

#include <concepts>
#include <cstddef>
#include <functional>
#include <string_view>
#include <type_traits>
#include <utility>

#include "steady/cpp20.hpp"

namespace steady {

namespace detail {
class SocketLog;
/// Base of the class behind a Socket.
class LogTarget {};
/// Creates the log of a socket. In a file of its own, which only programs with a log link.
struct LogMaker {
  /// The caller owns the result.
  static SocketLog* make(LogTarget& target, const std::function<void(std::string_view)>& write);
};
}  // namespace detail

/// Receives a log of what a socket does, one line for each step: `void(std::string_view line)`.
/// Each line has the number of the socket, among those of the program that log, and the time since
/// its last line:
///
///   steadysocket #1 +41ms connecting -> open, subprotocol chat
///
/// The states, each attempt and its delay, the rule that decided what follows a close, frames,
/// errors and drops; on the desktop also the steps of an attempt: the addresses of the host, TCP,
/// proxy, TLS, the handshake with its status, pings. User, password and query of URLs are masked;
/// messages are not, of which at most 100 bytes are logged.
///
/// The function is called from the event loop, before the handlers of the same event, also with
/// Dispatch::queued. It may call any method of the socket, and destroy it; it must not throw.
/// Frames that JavaScript sends and receives on a shared socket are not logged.
class Log {
 public:
  /// Nothing is logged.
  Log() = default;
  /// Nothing is logged.
  Log(std::nullptr_t) {}
  /// Calls a copy of `write` with each line, which is valid during the call.
  template <class Function>
  requires(!std::same_as<std::remove_cvref_t<Function>, Log> &&
           std::invocable<std::decay_t<Function>&, std::string_view>) Log(Function&& write)
      : write_(std::forward<Function>(write)), make_(&detail::LogMaker::make) {}

  /// True if there is a function.
  explicit operator bool() const { return static_cast<bool>(write_); }
  /// Creates the log of a socket, which the caller owns. For the Socket. There must be a function,
  /// which must stay alive.
  detail::SocketLog* make(detail::LogTarget& target) const { return make_(target, write_); }

 private:
  std::function<void(std::string_view)> write_;
  detail::SocketLog* (*make_)(detail::LogTarget&,
                              const std::function<void(std::string_view)>&) = nullptr;
};

}  // namespace steady
