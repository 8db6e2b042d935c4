#include "prediction.hpp"

#include <algorithm>
#include <cmath>

namespace game {

namespace {

/// Limit of unconfirmed inputs. More than a second of them is no prediction any more.
constexpr std::size_t most_sent = 64;
/// Milliseconds in which a correction shrinks to a third.
constexpr double correction_time = 80;
/// Distance in units above which the player was moved by the server.
constexpr float farthest_correction = 120;

/// Sequence numbers restart after 65535.
bool is_newer(std::uint16_t one, std::uint16_t other) {
  return static_cast<std::int16_t>(one - other) > 0;
}

}  // namespace

void Prediction::steer(const Input& input, double time) {
  if (sent_.size() == most_sent) sent_.pop_front();
  sent_.push_back({input, time});
}

void Prediction::reconcile(const PlayerState& me, double time) {
  const double now = std::max(shown_at_, time);
  const Point before = is_known_ ? at(now) : me.at;
  while (!sent_.empty() && !is_newer(sent_.front().input.sequence, me.sequence)) {
    direction_ = sent_.front().input.direction;
    sent_.pop_front();
  }
  // The server has no input yet: the connection has just begun.
  if (me.sequence == 0) direction_ = {};
  is_known_ = true;
  at_ = me.at;
  time_ = time;
  const Direction moved = before - at(now);
  error_ = {error_.dx + moved.dx, error_.dy + moved.dy};
  if (length(error_) > farthest_correction) error_ = {};
}

void Prediction::reset() { *this = Prediction(); }

Point Prediction::at(double time) const {
  Point point = at_;
  double from = time_;
  Direction direction = direction_;
  for (const Sent& sent : sent_) {
    const double to = std::clamp(sent.time, from, std::max(from, time));
    point = moved(point, direction, to - from);
    from = to;
    direction = sent.input.direction;
  }
  return moved(point, direction, std::max(0.0, time - from));
}

Point Prediction::show(double time) {
  const double passed = std::max(0.0, time - shown_at_);
  shown_at_ = std::max(time, shown_at_);
  const auto left = static_cast<float>(std::exp(-passed / correction_time));
  error_ = {error_.dx * left, error_.dy * left};
  const Point point = at(time);
  return {point.x + error_.dx, point.y + error_.dy};
}

}  // namespace game
