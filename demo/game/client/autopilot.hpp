#pragma once

#include <span>

#include "arena.hpp"

namespace game {

/// Returns the direction to the nearest dot; zero if there is none.
Direction towards_dots(Point me, std::span<const Point> dots);

}  // namespace game
