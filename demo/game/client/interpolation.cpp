#include "interpolation.hpp"

#include <algorithm>
#include <utility>

namespace game {

namespace {

Point between(Point from, Point to, double part, double milliseconds) {
  const Direction way = to - from;
  // Slightly above the speed of a player, because positions are rounded to parts of a unit.
  const float farthest = arena::speed * static_cast<float>(milliseconds) / 1000 + arena::radius;
  if (length(way) > farthest) return part < 1 ? from : to;
  const auto share = static_cast<float>(part);
  return {from.x + way.dx * share, from.y + way.dy * share};
}

}  // namespace

void Interpolation::add(State& state) {
  if (count_ > 0 && state.time <= from_newest(0).time) return;
  std::swap(states_[next_], state);
  next_ = (next_ + 1) % kept;
  count_ = std::min(count_ + 1, kept);
}

void Interpolation::sample(double time, std::vector<PlayerState>& players) const {
  players.clear();
  if (count_ == 0) return;
  std::size_t index = 0;
  while (index + 1 < count_ && from_newest(index).time > time) ++index;
  const State& from = from_newest(index);
  players.assign(from.players.begin(), from.players.end());
  if (index == 0 || from.time > time) return;

  const State& to = from_newest(index - 1);
  const double milliseconds = to.time - from.time;
  const double part = (time - from.time) / milliseconds;
  for (PlayerState& player : players) {
    const auto next = std::find_if(to.players.begin(), to.players.end(),
                                   [&](const PlayerState& one) { return one.id == player.id; });
    if (next != to.players.end()) player.at = between(player.at, next->at, part, milliseconds);
  }
}

}  // namespace game
