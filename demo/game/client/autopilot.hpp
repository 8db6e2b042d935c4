#pragma once

#include <span>

#include "arena.hpp"

namespace game {

/// Returns the direction to the nearest dot; zero if there is none. `strength`, from 0 to 1, is the
/// part of the full speed: a bot at full speed leaves nothing to people.
Direction towards_dots(Point me, std::span<const Point> dots, float strength = 1);

}  // namespace game
