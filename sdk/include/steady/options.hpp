#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "steady/error.hpp"

namespace steady {

/// When to try again. The delay before retry n (from 0) is drawn uniformly from
/// [0, min(max_delay, initial_delay * factor^n)]: exponential backoff with full jitter, so that the
/// clients of a restarted server do not all come back at the same moment.
struct ReconnectOptions {
  static constexpr std::uint32_t unlimited = std::numeric_limits<std::uint32_t>::max();

  /// Upper end of the first delay. More than 0.
  std::chrono::milliseconds initial_delay{1'000};
  /// Upper end of every delay. Not below initial_delay; at most a day.
  std::chrono::milliseconds max_delay{10'000};
  /// Growth from one attempt to the next. 1 or more.
  double factor = 2.0;
  /// Retries in a row before the socket gives up. 0 never reconnects.
  std::uint32_t max_attempts = unlimited;
  /// Attempts are counted from zero again only after a connection was up for this long, so that a
  /// server which accepts and drops is not hammered.
  std::chrono::milliseconds stable_after{5'000};
};

/// How much may wait. A message beyond these bounds is rejected.
struct QueueOptions {
  std::size_t max_messages = 1'000;
  /// Sum of the payloads, in bytes.
  std::size_t max_bytes = std::size_t{1} << 20;
};

/// When a Socket makes its first attempt.
enum class Start : std::uint8_t {
  at_once,     ///< In the constructor.
  on_connect,  ///< When connect() is called.
};

/// Everything a Socket can be told.
struct Options {
  /// ws: or wss:, absolute, without a fragment (RFC 6455 3).
  std::string url = {};
  /// Offered to the server in this order. Tokens (RFC 7230 3.2.6), none twice.
  std::vector<std::string> subprotocols = {};
  ReconnectOptions reconnect = {};
  QueueOptions queue = {};
  /// Sent first on every connection, before anything that waits in the queue: "who I am".
  std::optional<std::string> first_message = {};
  /// The member of a JSON object that a message is routed by.
  std::string type_member = "type";
  /// An attempt that takes longer has failed. More than 0.
  std::chrono::milliseconds connect_timeout{10'000};
  /// A close handshake that takes longer is not waited for. More than 0.
  std::chrono::milliseconds close_timeout{3'000};
  /// While the platform holds this many bytes, messages wait in the queue. More than 0.
  std::size_t high_water_mark = std::size_t{1} << 20;
  /// A larger message is reported as an error and not copied for C++ handlers.
  std::size_t max_message_bytes = std::size_t{64} << 20;
  Start start = Start::at_once;
};

/// The first member found out of its range, or no error.
/// Errors: invalid_option, invalid_url, invalid_subprotocol.
Error validate(const Options& options);

}  // namespace steady
