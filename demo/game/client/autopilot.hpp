#pragma once

#include <span>

#include "arena.hpp"

namespace game {

/// Which way to go to collect: to the nearest dot. Nowhere if there is none.
Direction towards_dots(Point me, std::span<const Point> dots);

}  // namespace game
