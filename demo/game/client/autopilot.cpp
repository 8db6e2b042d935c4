#include "autopilot.hpp"

#include <algorithm>

namespace game {

Direction towards_dots(Point me, std::span<const Point> dots, float strength) {
  const auto nearest = std::min_element(dots.begin(), dots.end(), [me](Point one, Point other) {
    return length(one - me) < length(other - me);
  });
  if (nearest == dots.end()) return {};
  const Direction way = *nearest - me;
  const float far = length(way);
  if (far == 0) return {};
  return {way.dx / far * strength, way.dy / far * strength};
}

}  // namespace game
