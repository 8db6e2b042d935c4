// The control plane of the npm package: that of control_plane.hpp, and what makes a socket. The
// only file that names embind.
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

#include "control_plane.hpp"
#include "js_socket.hpp"
#include "steady/web/text.hpp"

namespace steady::bindings {

namespace {

using std::chrono::milliseconds;

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
  heartbeat_reply,
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
    case TextOption::heartbeat_reply:
      return heartbeat_of(socket.options()).reply;
    default:
      return socket.subprotocols()[static_cast<std::size_t>(
          option - static_cast<int>(TextOption::subprotocol))];
  }
}

/// Takes the text that was left.
void set_text(Handle handle, int option) { text_of(at(handle), option) = web::take_text(); }

/// The reply to a ping has come.
void heartbeat_answered(Handle handle) { at(handle).socket().heartbeat_answered(); }

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
  bind("heartbeatAnswered", &heartbeat_answered);
  bind("provide", &provide);
  bind("beginSession", &begin_session);
  bind("sendFirst", &send_first);
  bind("bufferedAmount", &buffered_amount);
  bind("retryIn", &retry_in);
  bind("measured", &measured);
}

}  // namespace steady::bindings
