#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol.hpp"

namespace game::testing {

/// A state as the server writes it.
std::string written(const State& state);

/// A state with one player, and one dot.
State state_with(std::uint32_t number, double time, const PlayerState& player);

/// Equality except for rounding of floating point numbers.
bool near(double one, double other);

}  // namespace game::testing
