#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "steady/attempt.hpp"
#include "steady/close_info.hpp"
#include "steady/close_rule.hpp"
#include "steady/error.hpp"
#include "steady/header_field.hpp"
#include "steady/queue_options.hpp"

namespace steady {

/// When to try again. The delay before retry n (from 0) is drawn uniformly from
/// [0, min(max_delay, initial_delay * factor^n)]: exponential backoff with full jitter, so that the
/// clients of a restarted server do not all come back at the same moment.
struct ReconnectOptions {
  /// No limit of attempts.
  static constexpr std::uint32_t unlimited = std::numeric_limits<std::uint32_t>::max();

  /// Upper end of the first delay. More than 0.
  std::chrono::milliseconds initial_delay{1'000};
  /// Upper end of every delay. Not below initial_delay; at most a day.
  std::chrono::milliseconds max_delay{10'000};
  /// Growth from one attempt to the next. 1 or more.
  double factor = 2.0;
  /// Retries in a row before the socket gives up: ErrorCode::gave_up. 0 never reconnects.
  std::uint32_t max_attempts = unlimited;
  /// No attempt begins later than this after the first one, or after the loss of a connection that
  /// was stable: the socket gives up instead. Begins anew with reconnect(), after suspend(), and
  /// when the platform tells of a network; attempts without one (Hint::offline) are made all the
  /// same. More than 0; none is no limit.
  std::optional<std::chrono::milliseconds> max_elapsed = {};
  /// Attempts are counted from zero again only after a connection was up for this long, so that a
  /// server which accepts and drops is not hammered.
  std::chrono::milliseconds stable_after{5'000};
  /// CloseAction::later waits for a time drawn uniformly from here ...
  std::chrono::milliseconds later_min{5'000};
  /// ... to here. Not below later_min; at most a day.
  std::chrono::milliseconds later_max{30'000};
  /// Rows before those of default_close_rules(); the first that has the code decides. A last row
  /// from 0 to 65535 replaces the whole table.
  std::vector<CloseRule> rules = {};
  /// Asked first what follows the end of a connection or an attempt; without a value the rules
  /// decide. Called from the event loop, with State::waiting; it may do anything with the Socket.
  std::function<std::optional<CloseAction>(const CloseInfo&)> decide = {};
};

/// Small messages joined into one, for servers that agree: a frame costs a browser about thirty
/// times what a small message in it costs. JSON payloads (Payload::json) that are sent in one task
/// leave as one text message, a JSON array of them; a single one stays as it is, unless it is an
/// array itself. An array that is received is taken apart, and its elements are messages.
struct BatchOptions {
  /// Agreed if the server picks this subprotocol, which has to be among Options::subprotocols:
  /// last, since a server that does not know it may pick the first. Empty: every server agrees.
  std::string subprotocol = {};
  /// Messages in one frame. 1 or more.
  std::size_t max_messages = 64;
  /// Bytes in one frame. A message that is larger goes alone. 1 or more.
  std::size_t max_bytes = std::size_t{16} << 10;
};

/// Finds connections that are dead in silence. Platforms report neither the pings of the protocol
/// nor silence, so a ping is a message that the server answers. A connection is also given up when
/// nothing of what was sent leaves the platform's buffer for interval + timeout.
struct HeartbeatOptions {
  /// Without `reply`, a ping is sent before the server has been silent for this long: every message
  /// from it breaks the silence. With it, before this long has passed since the last reply. More
  /// than 0; at most a day.
  std::chrono::milliseconds interval{15'000};
  /// If no answer comes within this time after a ping, the connection is given up, and the next
  /// attempt scheduled. More than 0; at most a day.
  std::chrono::milliseconds timeout{5'000};
  /// The ping, sent as text. Not empty; valid UTF-8.
  std::string message = R"({"type":"ping"})";
  /// The message that answers a ping, and that nothing else does: its type (Options::type_member),
  /// or the whole of a text that has none. With it, a connection whose server can be heard and
  /// hears nothing is found, and round trips are exact. Empty: any message is an answer, and a
  /// server that sends messages is not pinged. At most 256 bytes.
  std::string reply = {};
};

/// Where handlers run.
enum class Dispatch : std::uint8_t {
  immediate,  ///< In the platform's event loop, as soon as there is something to tell.
  queued,     ///< In Socket::poll(): at a point of the program's own choosing, such as a frame.
};

/// What happens when more has been received than may wait for Socket::poll().
enum class InboundOverflow : std::uint8_t {
  /// Nothing is lost in silence: the connection is given up, with ErrorCode::inbound_overflow, as
  /// one that has failed. The next attempt is not made before poll() has told all that waits.
  fail,
  drop_oldest,  ///< The oldest messages give way. Told with ErrorCode::inbound_overflow once.
};

/// What waits for Socket::poll() with Dispatch::queued.
struct InboundOptions {
  /// 1 or more.
  std::size_t max_messages = 1'000;
  /// Sum of the payloads, in bytes. A message that is larger is told as message_too_large. 1 or
  /// more.
  std::size_t max_bytes = std::size_t{16} << 20;
  /// What follows when more would wait.
  InboundOverflow overflow = InboundOverflow::fail;
  /// Types of which only the newest message waits: an older one is forgotten when it comes, and the
  /// order of what is left is kept. For what is whole in itself, such as the state of a world. "*"
  /// is every type, "" are binary messages.
  std::vector<std::string> conflate = {};
};

/// How much one call of Socket::poll() may tell.
struct PollBudget {
  /// 1 or more.
  std::size_t max_messages = std::numeric_limits<std::size_t>::max();
  /// No other message is begun after this time. None is no limit. The clock is that of the Runtime,
  /// and read after every message.
  std::optional<std::chrono::milliseconds> max_time = {};
};

/// When a Socket makes its first attempt.
enum class Start : std::uint8_t {
  at_once,     ///< In the constructor.
  on_connect,  ///< When connect() is called.
};

/// Everything a Socket can be told.
struct Options {
  /// ws: or wss:, absolute, without a fragment (RFC 6455 3). Not used with a provider.
  std::string url = {};
  /// Offered to the server in this order. Tokens (RFC 7230 3.2.6), none twice.
  std::vector<std::string> subprotocols = {};
  /// Sent with the handshake of every attempt, to this server and to no proxy; names and values no
  /// more than 8 KiB in all. Native programs only: browsers let nobody set any, and the socket is
  /// closed with not_supported. A token that changes comes from a provider.
  std::vector<HeaderField> headers = {};
  /// When to connect again, and when not.
  ReconnectOptions reconnect = {};
  /// How much waits to be sent.
  QueueOptions queue = {};
  /// Sent first on every connection, before anything that waits in the queue: "who I am". Valid
  /// UTF-8.
  std::optional<std::string> first_message = {};
  /// Asked before every attempt what to connect with, instead of `url`, `subprotocols`,
  /// `headers` and `first_message`: a fresh token, say. Called from the event loop; never again
  /// while an attempt waits for its answer, which is part of connect_timeout.
  std::function<void(const ConnectReply&)> provider = {};
  /// Called when a connection has opened, after the first message: what it sends with the Greeting
  /// goes before the queue, which waits for Greeting::ready(). To log in, and to subscribe again.
  /// Called from the event loop. One that is not ready within connect_timeout has failed.
  std::function<void(const Greeting&)> greet = {};
  /// Off if there are none.
  std::optional<BatchOptions> batch = {};
  /// Off if there are none: nothing is sent that the user did not send.
  std::optional<HeartbeatOptions> heartbeat = {};
  /// Where the string is that a message is routed by: the name of a member of a JSON object, or a
  /// JSON Pointer (RFC 6901) such as "/header/type" or, for arrays, "/3". What begins with a slash
  /// is a pointer.
  std::string type_member = "type";
  /// An attempt that takes longer has failed. More than 0; at most a day.
  std::chrono::milliseconds connect_timeout{10'000};
  /// A close handshake that takes longer is not waited for. More than 0; at most a day.
  std::chrono::milliseconds close_timeout{3'000};
  /// When the platform holds this many bytes, messages wait in the queue. More than 0.
  std::size_t high_water_mark = std::size_t{1} << 20;
  /// They go on when it holds no more than this. Below the high-water mark; half of it by default.
  std::optional<std::size_t> low_water_mark = {};
  /// A larger message is reported as an error and not copied for C++ handlers.
  std::size_t max_message_bytes = std::size_t{64} << 20;
  /// Whether the first attempt is made at once.
  Start start = Start::at_once;
  /// Where handlers run. What Options itself asks (`provider`, `greet`, `reconnect.decide`)
  /// is always asked in the event loop: a hidden page is not polled, and is to stay connected.
  Dispatch dispatch = Dispatch::immediate;
  /// With Dispatch::queued.
  InboundOptions inbound = {};
};

/// The first member found out of its range, or no error.
/// Errors: invalid_option, invalid_url, invalid_subprotocol.
Error validate(const Options& options);

}  // namespace steady
