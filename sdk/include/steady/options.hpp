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

/// Small messages joined into one, for servers that agree: a frame costs a browser about thirty
/// times what a small message in it costs. JSON payloads (Payload::json) that are sent in one task
/// leave as one text message, a JSON array of them; a single one stays as it is, unless it is an
/// array itself. An array that is received is taken apart, and its elements are messages.
struct BatchOptions {
  /// Agreed if the server picks this subprotocol, which has to be among Options::subprotocols.
  /// Empty: every server agrees.
  std::string subprotocol = {};
  /// Messages in one frame. 1 or more.
  std::size_t max_messages = 64;
  /// Bytes in one frame. A message that is larger goes alone. 1 or more.
  std::size_t max_bytes = std::size_t{16} << 10;
};

/// Finds connections that are dead without a word. Platforms tell neither the pings of the protocol
/// nor silence, so a ping is a message that the server answers, with whatever it likes.
struct HeartbeatOptions {
  /// A ping is sent before the server has been silent for this long. Every message that it sends
  /// breaks the silence. More than 0; at most a day.
  std::chrono::milliseconds interval{15'000};
  /// If nothing comes within this time after a ping, the connection is given up, and the next
  /// attempt scheduled. More than 0; at most a day.
  std::chrono::milliseconds timeout{5'000};
  /// The ping, sent as text. Not empty.
  std::string message = R"({"type":"ping"})";
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
  /// Off if there are none.
  std::optional<BatchOptions> batch = {};
  /// Off if there are none: nothing is sent that the user did not send.
  std::optional<HeartbeatOptions> heartbeat = {};
  /// Where the string is that a message is routed by: the name of a member of a JSON object, or a
  /// JSON Pointer (RFC 6901) such as "/header/type" or, for arrays, "/3". What begins with a slash
  /// is a pointer.
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
