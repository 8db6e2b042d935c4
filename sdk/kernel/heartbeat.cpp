#include "heartbeat.hpp"

#include <cmath>

#include "arithmetic.hpp"

namespace steady::kernel {

namespace {

/// Looks within an interval. After three silent ones the silence is shorter than the interval, and
/// would be longer at the next.
constexpr int looks = 4;

}  // namespace

Heartbeat::Heartbeat(const Settings& settings, double now) : settings_(settings) { rest(now); }

/// Needs no ping for a while.
void Heartbeat::rest(double now) {
  silent_looks_ = 0;
  pinged_at_ = -1;
  due_ = now + next_look();
}

/// The delay until the next look.
double Heartbeat::next_look() const {
  return awaits_answer() ? settings_.heartbeat_timeout
                         : larger(whole(settings_.heartbeat_interval / looks), 1.0);
}

Heartbeat::Verdict Heartbeat::look(double now, bool heard, Flow flow) {
  const bool is_late = now - due_ > next_look();
  // A machine that slept has sent and received nothing in that time.
  if (flow != Flow::stuck || is_late) stuck_since_ = -1;
  if (flow == Flow::stuck && stuck_since_ < 0) stuck_since_ = now;
  if (stuck_since_ >= 0 &&
      now - stuck_since_ >= settings_.heartbeat_interval + settings_.heartbeat_timeout) {
    return Verdict::stuck;
  }
  Verdict verdict = Verdict::wait;
  if (!awaits_answer()) {
    if (is_late || (!heard && silent_looks_ + 1 == looks - 1)) verdict = ping(now);
  } else if (heard) {
    pinged_at_ = -1;
  } else if (flow != Flow::moving) {
    // A machine that slept may not have read the answer yet: it pings once more.
    if (!is_late || pinged_again_) return Verdict::silent;
    verdict = ping(now);
    pinged_again_ = true;
  }
  silent_looks_ = heard || verdict == Verdict::ping ? 0 : silent_looks_ + 1;
  due_ = now + next_look();
  return verdict;
}

bool Heartbeat::probe(double now) {
  if (awaits_answer()) return false;
  ping(now);
  silent_looks_ = 0;
  due_ = now + next_look();
  return true;
}

Heartbeat::Verdict Heartbeat::ping(double now) {
  pinged_at_ = now;
  pinged_again_ = false;
  return Verdict::ping;
}

double Heartbeat::answered(double now) {
  const double sample = now - pinged_at_;
  rest(now);
  return sample;
}

void add_sample(RoundTrip& round_trip, double sample) {
  auto& [last, smoothed, jitter] = round_trip;
  if (last < 0) {
    smoothed = sample;
    jitter = whole(sample / 2);
  } else {
    jitter = whole((3 * jitter + std::abs(smoothed - sample)) / 4);
    smoothed = whole((7 * smoothed + sample) / 8);
  }
  last = sample;
}

}  // namespace steady::kernel
