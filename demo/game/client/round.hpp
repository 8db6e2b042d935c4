#pragma once

#include <cstdint>
#include <steady/json.hpp>

namespace game {

/// A phase of a round, as the server has announced it: see docs/demos/game-protocol.md.
struct Round {
  /// Counts the rounds from 1.
  std::uint32_t number = 0;
  /// The result is shown, and no dot is collected.
  bool is_over = false;
  /// The end of the phase, in milliseconds since 1970 by the server's clock.
  double until = 0;
  /// The number of points that ends the round.
  std::uint32_t target = 0;

  bool operator==(const Round&) const = default;
};

/// Reads the members of a `round` message. Returns false if one is missing or malformed.
bool from_json(const steady::json& j, Round& round);

}  // namespace game
