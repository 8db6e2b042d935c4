#include "arena.hpp"

#include <algorithm>
#include <cmath>

namespace game {

float length(Direction direction) { return std::hypot(direction.dx, direction.dy); }

Direction limited(Direction direction) {
  const float too_long = std::max(1.0F, length(direction));
  return {direction.dx / too_long, direction.dy / too_long};
}

Point moved(Point from, Direction direction, double milliseconds) {
  const float way = arena::speed * static_cast<float>(milliseconds) / 1000;
  return {std::clamp(from.x + direction.dx * way, arena::radius, arena::width - arena::radius),
          std::clamp(from.y + direction.dy * way, arena::radius, arena::height - arena::radius)};
}

}  // namespace game
