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
#include "steady/log.hpp"
#include "steady/queue_options.hpp"
#include "steady/request.hpp"
#include "steady/session.hpp"

namespace steady {

/// Retries. The delay before retry n (from 0) has the upper bound
/// min(max_delay, initial_delay * factor^n), and is drawn uniformly from a third of it to the
/// whole, the first from 0: exponential backoff with jitter, so that the clients of a restarted
/// server do not all reconnect at the same moment.
struct ReconnectOptions {
  /// Value of max_attempts for no limit.
  static constexpr std::uint32_t unlimited = std::numeric_limits<std::uint32_t>::max();

  /// Upper bound of the first delay. More than 0, at most one day. Default: 1 s.
  std::chrono::milliseconds initial_delay{1'000};
  /// Upper bound of every delay. From initial_delay to one day. Default: 5 s.
  std::chrono::milliseconds max_delay{5'000};
  /// Growth of the upper bound from one retry to the next. 1 or more, and finite. Default: 2.
  double factor = 2.0;
  /// Consecutive retries before the socket closes with ErrorCode::gave_up. 0 or more; 0 never
  /// reconnects. Default: unlimited.
  std::uint32_t max_attempts = unlimited;
  /// No attempt begins later than this after the first attempt, or after the loss of a stable
  /// connection: the socket closes with ErrorCode::gave_up instead. More than 0. No limit without
  /// a value, the default. Measured anew after reconnect(), after suspend(), and when the platform
  /// reports that the network is back (Hint::online). While it reports that there is no network
  /// (Hint::offline), attempts are made as usual.
  std::optional<std::chrono::milliseconds> max_elapsed = {};
  /// A connection is stable once it has been open for this long; the next retry then counts from 0
  /// again. Keeps the backoff against a server that accepts connections and drops them at once.
  /// 0 or more. Default: 5 s.
  std::chrono::milliseconds stable_after{5'000};
  /// Lower bound of the delay for CloseAction::later, which is drawn uniformly from later_min to
  /// later_max. From 0 to one day. Default: 5 s.
  std::chrono::milliseconds later_min{5'000};
  /// Upper bound of that delay. From later_min to one day. Default: 30 s.
  std::chrono::milliseconds later_max{30'000};
  /// Close rules that precede those of default_close_rules(); the first rule that matches the close
  /// code applies. In each, `first` must not be above `last`. A last rule from 0 to 65535 replaces
  /// all defaults. Default: none.
  std::vector<CloseRule> rules = {};
  /// Called when a connection or an attempt has ended, before the close rules, which apply if it
  /// returns no value. Runs in the event loop, with State::waiting, and may call any method of the
  /// Socket or destroy it. Default: none.
  std::function<std::optional<CloseAction>(const CloseInfo&)> decide = {};
};

/// Joins small messages into one frame, for servers that agree: a frame costs a browser about
/// thirty times as much as a small message inside of one. JSON payloads (Payload::json) sent in the
/// same task leave as one text message, which is a JSON array of them; a single payload is sent
/// unchanged, unless it is an array itself. A received array is split, and its elements are
/// dispatched as messages.
struct BatchOptions {
  /// Batches are used if the server selects this subprotocol, which must be one of
  /// Options::subprotocols. List it last, because a server that does not know it may select the
  /// first. If empty, the default, batches are used with every server.
  std::string subprotocol = {};
  /// Maximum number of messages in one frame. 1 or more. Default: 64.
  std::size_t max_messages = 64;
  /// Maximum size of one frame, in bytes. A larger message is sent in a frame of its own. 1 or
  /// more. Default: 16 KiB.
  std::size_t max_bytes = std::size_t{16} << 10;
};

/// Detects connections that are dead although no close was reported. Platforms report neither
/// protocol pings nor silence, so a ping is a message that the server answers. A connection is also
/// aborted when no byte has left the platform's send buffer for interval + timeout. In a session
/// (Options::session) it is on with these defaults, and pings are frames of the session: `message`
/// and `reply` have no effect.
struct HeartbeatOptions {
  /// Without `reply`: a ping is sent before the server has been silent for this long; any message
  /// from the server ends the silence. With `reply`: a ping is sent before this long has passed
  /// since the last reply. More than 0, at most one day. Default: 15 s.
  std::chrono::milliseconds interval{15'000};
  /// If no answer arrives within this time after a ping, the connection is aborted and a retry is
  /// scheduled. More than 0, at most one day. Default: 5 s.
  std::chrono::milliseconds timeout{5'000};
  /// The ping, sent as a text message. Valid UTF-8, not empty. Default: {"type":"ping"}.
  std::string message = R"({"type":"ping"})";
  /// Identifies the one message that answers a ping: its type (Options::type_member), or the whole
  /// text of a message without a type. With it, round trips are exact, and a connection on which
  /// only the server's messages arrive is detected. If empty, the default, any message is an
  /// answer, and a server that keeps sending is not pinged. At most 256 bytes.
  std::string reply = {};
};

/// Selects where handlers run.
enum class Dispatch : std::uint8_t {
  immediate,  ///< In the platform's event loop, as soon as there is an event to dispatch.
  queued,     ///< In Socket::poll(), at a point that the program chooses, such as once a frame.
};

/// Action when a received message exceeds the limits of InboundOptions.
enum class InboundOverflow : std::uint8_t {
  /// The connection fails with ErrorCode::inbound_overflow, so that no message is lost unnoticed.
  /// The next attempt is not made before poll() has dispatched all waiting messages.
  fail,
  /// The oldest messages are dropped. The first drop is reported as ErrorCode::inbound_overflow;
  /// see also Stats::inbound_dropped.
  drop_oldest,
};

/// Limits of the received messages that wait for Socket::poll() with Dispatch::queued.
struct InboundOptions {
  /// Maximum number of waiting messages. 1 or more. Default: 1000.
  std::size_t max_messages = 1'000;
  /// Maximum sum of their payloads, in bytes. A larger single message is reported as
  /// ErrorCode::message_too_large. 1 or more. Default: 16 MiB.
  std::size_t max_bytes = std::size_t{16} << 20;
  /// Action when a message exceeds these limits. Default: fail.
  InboundOverflow overflow = InboundOverflow::fail;
  /// Types of which only the newest message waits: a new message replaces the waiting one of its
  /// type. The other messages keep their order. For messages that are complete in themselves, such
  /// as a full game state. "*" means every type, "" means binary messages. Default: none.
  std::vector<std::string> conflate = {};
};

/// Limits of one call of Socket::poll().
struct PollBudget {
  /// Maximum number of messages to dispatch. 1 or more. Default: no limit.
  std::size_t max_messages = std::numeric_limits<std::size_t>::max();
  /// No further message is dispatched after this time, measured with the Runtime's clock after
  /// every message. Values above one day count as one day. No limit without a value, the default.
  std::optional<std::chrono::milliseconds> max_time = {};
};

/// Selects the time of a Socket's first attempt.
enum class Start : std::uint8_t {
  at_once,     ///< In the constructor.
  on_connect,  ///< When connect() is called.
  /// When resume(), connect() or reconnect() is called. Until then the socket is in
  /// State::suspended.
  suspended,
};

/// Options of a Socket, in the order in which most programs set them: designated initialisers must
/// keep it.
struct Options {
  /// URL of the server: ws: or wss:, absolute, without a fragment (RFC 6455 3). Ignored if there is
  /// a provider. Required otherwise.
  std::string url = {};
  /// Text message sent first on every connection, before queued messages, for example to identify
  /// the client. Valid UTF-8. Default: none.
  std::optional<std::string> first_message = {};
  /// Detection of dead connections. Off without a value, the default: the socket then sends only
  /// messages of the user.
  std::optional<HeartbeatOptions> heartbeat = {};
  /// The place in which handlers run. `provider`, `greet` and `reconnect.decide` always run in the
  /// event loop, because a hidden page does not poll but must stay connected. Default: immediate.
  Dispatch dispatch = Dispatch::immediate;
  /// Retries after a connection or an attempt has ended.
  ReconnectOptions reconnect = {};
  /// Limits of the send queue.
  QueueOptions queue = {};
  /// Delivery confirmed by the server, over any number of connections: see SessionOptions. Off
  /// without a value, the default.
  std::optional<SessionOptions> session = {};
  /// Called before every attempt for what to connect with, instead of `url`, `subprotocols`,
  /// `headers` and `first_message`; for example to fetch a new token. Runs in the event loop. Not
  /// called again while an attempt waits for its reply. That wait is part of connect_timeout.
  /// Default: none.
  std::function<void(const ConnectReply&)> provider = {};
  /// Called when a connection has opened, after the first message, to log in or to subscribe again.
  /// Messages sent with the Greeting go before the queue, which waits for Greeting::ready(). Runs
  /// in the event loop. The attempt fails if ready() is not called within connect_timeout.
  /// Default: none.
  std::function<void(const Greeting&)> greet = {};
  /// Subprotocols offered to the server, in order of preference. Distinct tokens (RFC 7230 3.2.6).
  /// Default: none.
  std::vector<std::string> subprotocols = {};
  /// Header fields of the handshake request of every attempt; not sent to a proxy. Names and values
  /// take at most 8 KiB in total. Native programs only: browsers cannot set headers, and the socket
  /// closes with ErrorCode::not_supported. Use a provider for a token that changes. Default: none.
  std::vector<HeaderField> headers = {};
  /// Batching of messages. Off without a value, the default.
  std::optional<BatchOptions> batch = {};
  /// Limits of the received messages that wait for poll(), with Dispatch::queued.
  InboundOptions inbound = {};
  /// Receives a log of what the socket does, such as
  /// `[](std::string_view line) { std::cerr << line << "\n"; }`. Default: none.
  Log log = {};
  /// Members of JSON messages that match replies to requests: see Socket::request.
  RequestNames requests = {};
  /// Location of the string that messages are routed by: the name of a member of a JSON object, or
  /// a JSON Pointer (RFC 6901) such as "/header/type" or, for arrays, "/3". A value that begins
  /// with a slash is a pointer. Not empty. Default: "type".
  std::string type_member = "type";
  /// Time of the first attempt. Default: at_once.
  Start start = Start::at_once;
  /// Time limit of an attempt. More than 0, at most one day. Default: 10 s.
  std::chrono::milliseconds connect_timeout{10'000};
  /// Time limit of a close handshake. More than 0, at most one day. Default: 3 s.
  std::chrono::milliseconds close_timeout{3'000};
  /// Messages wait in the queue once the platform's send buffer holds this many bytes. 1 or more.
  /// Default: 1 MiB.
  std::size_t high_water_mark = std::size_t{1} << 20;
  /// Sending continues once the buffer has drained to this many bytes. 0 or more, below
  /// high_water_mark. Default: half of high_water_mark.
  std::optional<std::size_t> low_water_mark = {};
  /// Maximum size of a received message, in bytes. A larger one is not copied for C++ handlers and
  /// is reported as ErrorCode::message_too_large. Default: 64 MiB.
  std::size_t max_message_bytes = std::size_t{64} << 20;
};

/// Returns an error for the first option that is out of range, or no error.
/// Errors: invalid_option, invalid_url, invalid_subprotocol.
[[nodiscard]] Error validate(const Options& options);

}  // namespace steady
