#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "protocol.hpp"

namespace game {

/// Where everybody was a moment ago, between two states, so that they move evenly although states
/// come twenty times a second and not evenly.
class Interpolation {
 public:
  /// Milliseconds that what is shown is behind the server's clock: two states, so that there is one
  /// to go to also when one is late.
  static constexpr double delay = 100;

  /// One that is not newer than the last is left out. `state` is exchanged for an old one, whose
  /// memory can be used again.
  void add(State& state);
  void clear() { count_ = 0; }

  /// Nothing before the first.
  const State* newest() const { return count_ == 0 ? nullptr : &from_newest(0); }
  /// The players at a moment of the server's clock; beyond the states that are here, those of the
  /// first or the last. Who jumps further than anybody can go is not shown on the way.
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
