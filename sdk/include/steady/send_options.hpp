#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "steady/cpp20.hpp"

namespace steady {

/// Order of queued messages: high priority is sent first. Messages of one priority keep their
/// order.
enum class Priority : std::uint8_t { normal, high };

/// Action for a message whose connection ends before its reply.
enum class Unanswered : std::uint8_t {
  report,  ///< Reported with DropReason::unanswered. It is not sent twice.
  repeat,  ///< Sent again, first on the next connection: the server may receive it twice.
};

/// Options of one message. In a session (Options::session) messages are sent again on the next
/// connection, apart from those with `is_volatile` or `connection_only`, which are then dropped
/// with DropReason::unconfirmed; and "its connection ends" means the end of the session for
/// `reply`.
struct SendOptions {
  /// Time to live: the message is dropped with DropReason::expired when it is older. 0 or more; 0
  /// sends it at once or not at all. No limit without a value, the default.
  std::optional<std::chrono::milliseconds> ttl = {};
  /// A newer message with the same key replaces a queued one, and takes its position and its
  /// priority. The queued one is not reported as a drop, unless it is tracked: then with
  /// DropReason::replaced. Default: "", no key.
  std::string_view key = {};
  /// Priority in the queue. Default: normal.
  Priority priority = Priority::normal;
  /// Sent at once, or dropped with DropReason::not_now. Default: false.
  bool is_volatile = false;
  /// Sent on the current connection, or dropped with DropReason::connection_ended. Default: false.
  bool connection_only = false;
  /// Reports the message's Outcome to Socket::on_outcome. Default: false.
  bool track = false;
  /// Expects a reply: the message is kept until Socket::answered() is called. If it is dropped, or
  /// its connection ends before the reply, Socket::on_outcome reports it. Default: no reply.
  std::optional<Unanswered> reply = {};
};

}  // namespace steady
