// The control plane: what is called now and then. The only file that names embind.
#include <emscripten/bind.h>
#include <emscripten/val.h>

#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "js_socket.hpp"

namespace steady::bindings {

namespace {

using emscripten::val;
using std::chrono::milliseconds;

/// Numbers of the facade's flat options object, in no particular order.
struct Numbers {
  double initial_delay;
  double max_delay;
  double factor;
  double max_attempts;
  double stable_after;
  double max_messages;
  double max_bytes;
  double connect_timeout;
  double close_timeout;
  double high_water_mark;
};

struct NumberName {
  const char* name;
  double Numbers::*member;
};

constexpr NumberName number_names[] = {
    {"initialDelay", &Numbers::initial_delay},
    {"maxDelay", &Numbers::max_delay},
    {"factor", &Numbers::factor},
    {"maxAttempts", &Numbers::max_attempts},
    {"stableAfter", &Numbers::stable_after},
    {"maxMessages", &Numbers::max_messages},
    {"maxBytes", &Numbers::max_bytes},
    {"connectTimeout", &Numbers::connect_timeout},
    {"closeTimeout", &Numbers::close_timeout},
    {"highWaterMark", &Numbers::high_water_mark},
};

/// A count that may be Infinity. Less than 0 and NaN become 0.
std::uint32_t to_count(double value) {
  constexpr double largest = std::numeric_limits<std::uint32_t>::max();
  if (!(value > 0)) return 0;
  return value < largest ? static_cast<std::uint32_t>(value)
                         : std::numeric_limits<std::uint32_t>::max();
}

/// NaN becomes a time that every option refuses.
milliseconds to_time(double value) {
  constexpr double longest = 1e15;
  if (!(value >= 0)) return milliseconds(-1);
  return milliseconds(static_cast<std::int64_t>(value < longest ? value : longest));
}

std::optional<std::string> read_text(const val& from, const char* name) {
  const val value = from[name];
  if (value.isUndefined()) return std::nullopt;
  return value.as<std::string>();
}

/// From the facade's flat object. A member that is missing keeps its default.
Options read_options(const val& from) {
  Options options;
  ReconnectOptions& reconnect = options.reconnect;
  Numbers numbers{static_cast<double>(reconnect.initial_delay.count()),
                  static_cast<double>(reconnect.max_delay.count()),
                  reconnect.factor,
                  static_cast<double>(reconnect.max_attempts),
                  static_cast<double>(reconnect.stable_after.count()),
                  static_cast<double>(options.queue.max_messages),
                  static_cast<double>(options.queue.max_bytes),
                  static_cast<double>(options.connect_timeout.count()),
                  static_cast<double>(options.close_timeout.count()),
                  static_cast<double>(options.high_water_mark)};
  for (const NumberName& number : number_names) {
    const val value = from[number.name];
    if (!value.isUndefined()) numbers.*number.member = value.as<double>();
  }
  reconnect.initial_delay = to_time(numbers.initial_delay);
  reconnect.max_delay = to_time(numbers.max_delay);
  reconnect.factor = numbers.factor;
  reconnect.max_attempts = to_count(numbers.max_attempts);
  reconnect.stable_after = to_time(numbers.stable_after);
  options.queue.max_messages = to_count(numbers.max_messages);
  options.queue.max_bytes = to_count(numbers.max_bytes);
  options.connect_timeout = to_time(numbers.connect_timeout);
  options.close_timeout = to_time(numbers.close_timeout);
  options.high_water_mark = to_count(numbers.high_water_mark);
  options.url = read_text(from, "url").value_or(std::string());
  options.first_message = read_text(from, "firstMessage");
  if (auto member = read_text(from, "typeMember")) options.type_member = *std::move(member);
  const val subprotocols = from["subprotocols"];
  const auto count = subprotocols["length"].as<unsigned>();
  for (unsigned i = 0; i < count; ++i) {
    options.subprotocols.push_back(subprotocols[i].as<std::string>());
  }
  options.start = Start::on_connect;
  return options;
}

/// What JavaScript holds: an address. Free functions on it, since embind's classes cost the package
/// several kilobytes of glue; the facade is the class.
using Handle = std::uintptr_t;

JsSocket& at(Handle handle) { return *reinterpret_cast<JsSocket*>(handle); }

Handle create(const val& options, unsigned observer) {
  return reinterpret_cast<Handle>(new JsSocket(read_options(options), observer));
}

void destroy(Handle handle) { delete &at(handle); }

/// An ErrorCode; error_message says more.
int connect(Handle handle) { return static_cast<int>(at(handle).connect()); }

/// The same. A negative `code` is none.
int close(Handle handle, int code, const std::string& reason) {
  CloseOptions options{.code = {}, .reason = reason};
  if (code >= 0) options.code = static_cast<std::uint16_t>(code);
  return static_cast<int>(at(handle).close(options));
}

std::string error_message(Handle handle) { return at(handle).last_error().message; }

double buffered_amount(Handle handle) {
  return static_cast<double>(at(handle).socket().buffered_amount());
}

std::string subprotocol(Handle handle) { return at(handle).socket().subprotocol(); }

/// Milliseconds, or a negative number when no attempt is scheduled.
double retry_in(Handle handle) {
  const auto delay = at(handle).socket().retry_in();
  return delay ? static_cast<double>(delay->count()) : -1;
}

}  // namespace

EMSCRIPTEN_BINDINGS(steadysocket) {
  emscripten::function("create", &create);
  emscripten::function("destroy", &destroy);
  emscripten::function("connect", &connect);
  emscripten::function("close", &close);
  emscripten::function("errorMessage", &error_message);
  emscripten::function("bufferedAmount", &buffered_amount);
  emscripten::function("subprotocol", &subprotocol);
  emscripten::function("retryIn", &retry_in);
}

}  // namespace steady::bindings
