#include "control_plane.hpp"

#include <algorithm>
#include <string>

#include "steady/web/text.hpp"

namespace steady::bindings {

using std::chrono::milliseconds;

namespace {

CloseOptions farewell_of(int code, const std::string& reason) {
  CloseOptions options{.code = {}, .reason = reason};
  if (code >= 0) options.code = static_cast<std::uint16_t>(code);
  return options;
}

}  // namespace

milliseconds time_from(double value) {
  constexpr double longest_time = 1e15;
  return milliseconds(static_cast<std::int64_t>(std::min(value, longest_time)));
}

int connect(Handle handle, int request) {
  return static_cast<int>(at(handle).connect(static_cast<JsSocket::Request>(request)));
}

int reconnect(Handle handle, int code) {
  const std::string reason = web::take_text();
  return static_cast<int>(at(handle).reconnect(farewell_of(code, reason)));
}

int close(Handle handle, int code, double deadline) {
  const std::string reason = web::take_text();
  CloseOptions options = farewell_of(code, reason);
  if (deadline >= 0) {
    options.flush = true;
    options.deadline = time_from(deadline);
  }
  return static_cast<int>(handle != 0 ? at(handle).close(options) : validate(options).code);
}

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

void drained(Handle handle) { at(handle).socket().drained({}); }

double buffered_amount(Handle handle) {
  return static_cast<double>(at(handle).socket().buffered_amount());
}

double retry_in(Handle handle) {
  const auto delay = at(handle).socket().retry_in();
  return delay ? static_cast<double>(delay->count()) : -1;
}

double measured(Handle handle, int which) {
  const auto stats = at(handle).socket().stats();
  if (which == 3) return stats.retries;
  if (!stats.round_trip) return -1;
  const RoundTrip& trip = *stats.round_trip;
  const milliseconds members[] = {trip.last, trip.smoothed, trip.jitter};
  return static_cast<double>(members[which].count());
}

}  // namespace steady::bindings
