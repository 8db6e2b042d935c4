// The control plane: what is called now and then. The only file that names embind.
#include <emscripten/bind.h>
#include <emscripten/emscripten.h>

#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>

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

/// Keep in step with the names in src/options.ts.
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
};

/// The same.
enum class TextOption : int {
  url,
  subprotocol,
  first_message,
  type_member,
  batch_subprotocol,
  heartbeat_message,
};

BatchOptions& batch_of(Options& options) {
  return options.batch ? *options.batch : options.batch.emplace();
}

HeartbeatOptions& heartbeat_of(Options& options) {
  return options.heartbeat ? *options.heartbeat : options.heartbeat.emplace();
}

/// `value` is 0 or more; Infinity becomes the largest.
void set_number(Handle handle, int option, double value) {
  constexpr double largest_count = std::numeric_limits<std::uint32_t>::max();
  constexpr double longest_time = 1e15;
  Options& options = at(handle).options();
  const milliseconds time(static_cast<std::int64_t>(value < longest_time ? value : longest_time));
  const auto count = static_cast<std::uint32_t>(value < largest_count ? value : largest_count);
  switch (static_cast<NumberOption>(option)) {
    case NumberOption::initial_delay:
      options.reconnect.initial_delay = time;
      break;
    case NumberOption::max_delay:
      options.reconnect.max_delay = time;
      break;
    case NumberOption::factor:
      options.reconnect.factor = value;
      break;
    case NumberOption::max_attempts:
      options.reconnect.max_attempts = count;
      break;
    case NumberOption::stable_after:
      options.reconnect.stable_after = time;
      break;
    case NumberOption::max_messages:
      options.queue.max_messages = count;
      break;
    case NumberOption::max_bytes:
      options.queue.max_bytes = count;
      break;
    case NumberOption::connect_timeout:
      options.connect_timeout = time;
      break;
    case NumberOption::close_timeout:
      options.close_timeout = time;
      break;
    case NumberOption::high_water_mark:
      options.high_water_mark = count;
      break;
    case NumberOption::batch_max_messages:
      batch_of(options).max_messages = count;
      break;
    case NumberOption::batch_max_bytes:
      batch_of(options).max_bytes = count;
      break;
    case NumberOption::heartbeat_interval:
      heartbeat_of(options).interval = time;
      break;
    case NumberOption::heartbeat_timeout:
      heartbeat_of(options).timeout = time;
      break;
  }
}

/// Where a text option is kept. Subprotocols are added.
std::string& text_of(Options& options, TextOption option) {
  switch (option) {
    case TextOption::subprotocol:
      return options.subprotocols.emplace_back();
    case TextOption::first_message:
      return options.first_message.emplace();
    case TextOption::type_member:
      return options.type_member;
    case TextOption::batch_subprotocol:
      return batch_of(options).subprotocol;
    case TextOption::heartbeat_message:
      return heartbeat_of(options).message;
    case TextOption::url:
      break;
  }
  return options.url;
}

/// Takes the text that was left.
void set_text(Handle handle, int option) {
  text_of(at(handle).options(), static_cast<TextOption>(option)) = web::take_text();
}

/// An ErrorCode; the observer is told more.
int connect(Handle handle) { return static_cast<int>(at(handle).connect()); }

/// The same. A negative `code` is none; the reason is the text that was left.
int close(Handle handle, int code) {
  const std::string reason = web::take_text();
  CloseOptions options{.code = {}, .reason = reason};
  if (code >= 0) options.code = static_cast<std::uint16_t>(code);
  return static_cast<int>(at(handle).close(options));
}

double buffered_amount(Handle handle) {
  return static_cast<double>(at(handle).socket().buffered_amount());
}

/// Milliseconds, or a negative number when no attempt is scheduled.
double retry_in(Handle handle) {
  const auto delay = at(handle).socket().retry_in();
  return delay ? static_cast<double>(delay->count()) : -1;
}

/// Milliseconds, or -1 before a ping was answered. `which`: a member of RoundTrip, in their order.
double round_trip(Handle handle, int which) {
  const auto measured = at(handle).socket().stats().round_trip;
  if (!measured) return -1;
  const milliseconds members[] = {measured->last, measured->smoothed, measured->jitter};
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
  bind("close", &close);
  bind("bufferedAmount", &buffered_amount);
  bind("retryIn", &retry_in);
  bind("roundTrip", &round_trip);
}

}  // namespace steady::bindings
