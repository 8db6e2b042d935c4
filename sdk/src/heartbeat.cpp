#include "heartbeat.hpp"

#include <algorithm>

namespace steady::detail {

using std::chrono::milliseconds;

namespace {

/// Looks within an interval. After three silent ones the silence is shorter than the interval, and
/// would be longer at the next.
constexpr int looks = 4;

}  // namespace

void Heartbeat::begin(milliseconds now) {
  stuck_since_.reset();
  rest(now);
}

/// There is no need to ask for a while.
void Heartbeat::rest(milliseconds now) {
  silent_looks_ = 0;
  pinged_at_.reset();
  due_ = now + next_look();
}

milliseconds Heartbeat::next_look() const {
  return pinged_at_ ? timeout_ : std::max(interval_ / looks, milliseconds{1});
}

Heartbeat::Verdict Heartbeat::look(milliseconds now, bool heard, Flow flow) {
  const bool late = now - due_ > next_look();
  // A device that was asleep has sent nothing, and heard nothing, in that time.
  if (flow != Flow::stuck || late) stuck_since_.reset();
  if (flow == Flow::stuck && !stuck_since_) stuck_since_ = now;
  if (stuck_since_ && now - *stuck_since_ >= interval_ + timeout_) return Verdict::stuck;
  Verdict verdict = Verdict::wait;
  if (!pinged_at_) {
    if (late || (!heard && silent_looks_ + 1 == looks - 1)) verdict = ping(now);
  } else if (heard) {
    pinged_at_.reset();
  } else if (flow != Flow::moving) {
    // A device that was asleep may have the answer and not have come to it: it is asked once more.
    if (!late || pinged_again_) return Verdict::silent;
    verdict = ping(now);
    pinged_again_ = true;
  }
  silent_looks_ = heard || verdict == Verdict::ping ? 0 : silent_looks_ + 1;
  due_ = now + next_look();
  return verdict;
}

bool Heartbeat::probe(milliseconds now) {
  if (pinged_at_) return false;
  ping(now);
  silent_looks_ = 0;
  due_ = now + next_look();
  return true;
}

Heartbeat::Verdict Heartbeat::ping(milliseconds now) {
  pinged_at_ = now;
  pinged_again_ = false;
  return Verdict::ping;
}

void Heartbeat::answered(milliseconds now) {
  const milliseconds sample = now - *pinged_at_;
  if (!round_trip_) {
    round_trip_ = RoundTrip{sample, sample, sample / 2};
  } else {
    RoundTrip& all = *round_trip_;
    all.last = sample;
    all.jitter = (3 * all.jitter + std::chrono::abs(all.smoothed - sample)) / 4;
    all.smoothed = (7 * all.smoothed + sample) / 8;
  }
  rest(now);
}

}  // namespace steady::detail
