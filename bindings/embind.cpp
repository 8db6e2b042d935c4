// The control plane: what is called now and then. The only file that names embind.
#include <emscripten/bind.h>
#include <emscripten/emscripten.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include "js_socket.hpp"
#include "steady/web/text.hpp"

namespace steady::bindings {

namespace {

using std::chrono::milliseconds;

/// What JavaScript holds: an address. Free functions on it, since embind's classes and values cost
/// the package several kilobytes of glue; the facade is the class.
using Handle = std::uintptr_t;

JsSocket& at(Handle handle) { return *reinterpret_cast<JsSocket*>(handle); }

Handle create(unsigned observer) { return reinterpret_cast<Handle>(new JsSocket(observer)); }

void destroy(Handle handle) { delete &at(handle); }

/// Keep in step with the names in src/options.ts, and with NumberOption in src/core.ts.
enum class NumberOption : int {
  initial_delay,
  max_delay,
  factor,
  max_attempts,
  stable_after,
  max_messages,
  max_bytes,
  connect_timeout,
  close_timeout,
  high_water_mark,
  batch_max_messages,
  batch_max_bytes,
  heartbeat_interval,
  heartbeat_timeout,
  max_elapsed,
  later_min,
  later_max,
  low_water_mark,
  overflow,
  unconfirmed,
  /// The observer is asked: see JsSocket.
  session,
  decide,
  provider,
  /// How many there are.
  close_rules,
  subprotocols,
  /// The first of them: see close_rule_of.
  close_rule,
};

/// Keep in step with TextOption in src/core.ts.
enum class TextOption : int {
  url,
  first_message,
  type_member,
  batch_subprotocol,
  heartbeat_message,
  /// The first of them.
  subprotocol,
};

BatchOptions& batch_of(Options& options) {
  return options.batch ? *options.batch : options.batch.emplace();
}

HeartbeatOptions& heartbeat_of(Options& options) {
  return options.heartbeat ? *options.heartbeat : options.heartbeat.emplace();
}

/// A row of the table of close codes in one number: 2^18 first + 2^2 last + action.
CloseRule close_rule_of(double value) {
  const auto number = static_cast<std::uint64_t>(value);
  return {static_cast<std::uint16_t>(number >> 18), static_cast<std::uint16_t>(number >> 2),
          static_cast<CloseAction>(number & 3)};
}

/// Where an option that is a time is kept, or null.
milliseconds* time_of(Options& options, NumberOption option) {
  ReconnectOptions& reconnect = options.reconnect;
  switch (option) {
    case NumberOption::initial_delay:
      return &reconnect.initial_delay;
    case NumberOption::max_delay:
      return &reconnect.max_delay;
    case NumberOption::stable_after:
      return &reconnect.stable_after;
    case NumberOption::max_elapsed:
      return &reconnect.max_elapsed.emplace();
    case NumberOption::later_min:
      return &reconnect.later_min;
    case NumberOption::later_max:
      return &reconnect.later_max;
    case NumberOption::connect_timeout:
      return &options.connect_timeout;
    case NumberOption::close_timeout:
      return &options.close_timeout;
    case NumberOption::heartbeat_interval:
      return &heartbeat_of(options).interval;
    case NumberOption::heartbeat_timeout:
      return &heartbeat_of(options).timeout;
    default:
      return nullptr;
  }
}

/// The same for one that is a count.
std::size_t* count_of(Options& options, NumberOption option) {
  switch (option) {
    case NumberOption::max_messages:
      return &options.queue.max_messages;
    case NumberOption::max_bytes:
      return &options.queue.max_bytes;
    case NumberOption::high_water_mark:
      return &options.high_water_mark;
    case NumberOption::low_water_mark:
      return &options.low_water_mark.emplace();
    case NumberOption::batch_max_messages:
      return &batch_of(options).max_messages;
    case NumberOption::batch_max_bytes:
      return &batch_of(options).max_bytes;
    default:
      return nullptr;
  }
}

/// As far as a time can be counted here.
milliseconds time_from(double value) {
  constexpr double longest_time = 1e15;
  return milliseconds(static_cast<std::int64_t>(std::min(value, longest_time)));
}

/// `value` is 0 or more; Infinity becomes the largest.
void set_number(Handle handle, int number, double value) {
  constexpr double largest_count = std::numeric_limits<std::uint32_t>::max();
  const auto option = static_cast<NumberOption>(number);
  const auto count = static_cast<std::uint32_t>(std::min(value, largest_count));
  JsSocket& socket = at(handle);
  if (option == NumberOption::subprotocols) {
    socket.subprotocols() = std::vector<std::string>(count);
    return;
  }
  Options& options = socket.options();
  if (milliseconds* const time = time_of(options, option)) {
    *time = time_from(value);
    return;
  }
  if (std::size_t* const place = count_of(options, option)) {
    *place = count;
    return;
  }
  switch (option) {
    case NumberOption::factor:
      options.reconnect.factor = value;
      break;
    case NumberOption::max_attempts:
      options.reconnect.max_attempts = count;
      break;
    case NumberOption::overflow:
      options.queue.overflow = static_cast<Overflow>(count);
      break;
    case NumberOption::unconfirmed:
      options.queue.unconfirmed = static_cast<Unconfirmed>(count);
      break;
    case NumberOption::session:
      socket.ask_for_session();
      break;
    case NumberOption::decide:
      socket.ask_to_decide();
      break;
    case NumberOption::provider:
      socket.ask_for_details();
      break;
    case NumberOption::close_rules:
      options.reconnect.rules = std::vector<CloseRule>(count);
      break;
    default:
      options.reconnect
          .rules[static_cast<std::size_t>(number - static_cast<int>(NumberOption::close_rule))] =
          close_rule_of(value);
      break;
  }
}

/// Where a text option is kept.
std::string& text_of(JsSocket& socket, int option) {
  switch (static_cast<TextOption>(option)) {
    case TextOption::url:
      return socket.url();
    case TextOption::first_message:
      return socket.first_message().emplace();
    case TextOption::type_member:
      return socket.options().type_member;
    case TextOption::batch_subprotocol:
      return batch_of(socket.options()).subprotocol;
    case TextOption::heartbeat_message:
      return heartbeat_of(socket.options()).message;
    default:
      return socket.subprotocols()[static_cast<std::size_t>(
          option - static_cast<int>(TextOption::subprotocol))];
  }
}

/// Takes the text that was left.
void set_text(Handle handle, int option) { text_of(at(handle), option) = web::take_text(); }

/// `request`: a JsSocket::Request. Returns an ErrorCode; the observer is told more.
int connect(Handle handle, int request) {
  return static_cast<int>(at(handle).connect(static_cast<JsSocket::Request>(request)));
}

CloseOptions farewell_of(int code, const std::string& reason) {
  CloseOptions options{.code = {}, .reason = reason};
  if (code >= 0) options.code = static_cast<std::uint16_t>(code);
  return options;
}

/// The same. A negative `code` is none; the reason is the text that was left.
int reconnect(Handle handle, int code) {
  const std::string reason = web::take_text();
  return static_cast<int>(at(handle).reconnect(farewell_of(code, reason)));
}

/// The same. A negative `code` is none; the reason is the text that was left. A negative `deadline`
/// does not flush. Without a socket it only checks.
int close(Handle handle, int code, double deadline) {
  const std::string reason = web::take_text();
  CloseOptions options = farewell_of(code, reason);
  if (deadline >= 0) {
    options.flush = true;
    options.deadline = time_from(deadline);
  }
  return static_cast<int>(handle != 0 ? at(handle).close(options) : validate(options).code);
}

/// What the next message wants: `ttl` in milliseconds, negative for none; `flags` as sendFlags
/// in src/core.ts has them; the key is the text that was left.
void set_send_options(Handle handle, double ttl, int flags) {
  SendOptions options;
  if (ttl >= 0) options.ttl = time_from(ttl);
  options.priority = (flags & 1) != 0 ? Priority::high : Priority::normal;
  options.is_volatile = (flags & 2) != 0;
  options.session_only = (flags & 4) != 0;
  options.track = (flags & 8) != 0;
  if ((flags & 16) != 0) options.reply = Unanswered::report;
  if ((flags & 32) != 0) options.reply = Unanswered::repeat;
  at(handle).set_send_options(options, web::take_text());
}

int cancel(Handle handle, double id) {
  return at(handle).socket().cancel(static_cast<std::uint32_t>(id)) ? 1 : 0;
}

int answered(Handle handle, double id) {
  return at(handle).socket().answered(static_cast<std::uint32_t>(id)) ? 1 : 0;
}

/// The observer is told.
void drained(Handle handle) { at(handle).socket().drained({}); }

/// Answers what the observer was asked last. If it has `failed`, the reason is the text that was
/// left.
void provide(Handle handle, int failed) { at(handle).provide(failed != 0, web::take_text()); }
void begin_session(Handle handle, int failed) {
  at(handle).begin_session(failed != 0, web::take_text());
}

/// 1 if it was sent.
int send_first(Handle handle, int format, double payload, double size) {
  return at(handle).send_first(static_cast<JsSocket::Format>(format),
                               static_cast<std::uint32_t>(payload), static_cast<std::size_t>(size))
             ? 1
             : 0;
}

double buffered_amount(Handle handle) {
  return static_cast<double>(at(handle).socket().buffered_amount());
}

/// Milliseconds, or a negative number when no attempt is scheduled.
double retry_in(Handle handle) {
  const auto delay = at(handle).socket().retry_in();
  return delay ? static_cast<double>(delay->count()) : -1;
}

/// `which`: see Measured in src/core.ts. Milliseconds, -1 before a ping was answered.
double measured(Handle handle, int which) {
  const auto stats = at(handle).socket().stats();
  if (which == 3) return stats.retries;
  if (!stats.round_trip) return -1;
  const RoundTrip& trip = *stats.round_trip;
  const milliseconds members[] = {trip.last, trip.smoothed, trip.jitter};
  return static_cast<double>(members[which].count());
}

/// Only numbers cross: embind's texts cost 0.7 KB of glue, and ours cross anyway (text.hpp).
template <class Result, class... Arguments>
void bind(const char* name, Result (*function)(Arguments...)) {
  static_assert(std::is_void_v<Result> || std::is_arithmetic_v<Result>);
  static_assert((std::is_arithmetic_v<Arguments> && ...));
  emscripten::function(name, function);
}

}  // namespace

EMSCRIPTEN_BINDINGS(steadysocket) {
  bind("create", &create);
  bind("destroy", &destroy);
  bind("setNumber", &set_number);
  bind("setText", &set_text);
  bind("connect", &connect);
  bind("reconnect", &reconnect);
  bind("close", &close);
  bind("setSendOptions", &set_send_options);
  bind("cancel", &cancel);
  bind("answered", &answered);
  bind("drained", &drained);
  bind("provide", &provide);
  bind("beginSession", &begin_session);
  bind("sendFirst", &send_first);
  bind("bufferedAmount", &buffered_amount);
  bind("retryIn", &retry_in);
  bind("measured", &measured);
}

}  // namespace steady::bindings
