#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "protocol.hpp"

namespace game {

/// Positions of all players a moment ago, between two states, so that they move evenly although
/// states arrive only twenty times a second and unevenly.
class Interpolation {
 public:
  /// The delay behind the server's clock in milliseconds: two states, so that there is a next one
  /// even if a state is late.
  static constexpr double delay = 100;

  /// Adds a state, unless it is not newer than the last. `state` is exchanged for an old one, whose
  /// memory is reused.
  void add(State& state);
  void clear() { count_ = 0; }

  /// Empty before the first state.
  const State* newest() const { return count_ == 0 ? nullptr : &from_newest(0); }
  /// Returns the players at a time of the server's clock; outside the stored states, those of the
  /// first or the last. A player who moves further than possible is not shown in between.
  void sample(double time, std::vector<PlayerState>& players) const;

 private:
  static constexpr std::size_t kept = 16;

  /// 0 is the newest.
  const State& from_newest(std::size_t index) const {
    return states_[(next_ + kept - 1 - index) % kept];
  }

  std::array<State, kept> states_;
  std::size_t next_ = 0;
  std::size_t count_ = 0;
};

}  // namespace game
