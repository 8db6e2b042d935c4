#pragma once

#include <cstdint>

namespace game {

/// A position in units of the arena, whose origin is the upper left corner.
struct Point {
  float x = 0;
  float y = 0;
};

/// A direction: from -1 to 1, with a length of at most 1.
struct Direction {
  float dx = 0;
  float dy = 0;
};

/// The constants of demo/game/server/arena.mjs.
namespace arena {
inline constexpr float width = 1600;
inline constexpr float height = 900;
inline constexpr float radius = 20;
inline constexpr float dot_radius = 8;
/// Units per second.
inline constexpr float speed = 280;
/// Dots from this index are worth more points than the others.
inline constexpr int first_bonus = 36;
}  // namespace arena

inline Direction operator-(Point to, Point from) { return {to.x - from.x, to.y - from.y}; }

float length(Direction direction);

/// Returns the same direction with a length of at most 1.
Direction limited(Direction direction);

/// Returns the position after moving in a direction for this many milliseconds, limited by the
/// walls.
Point moved(Point from, Direction direction, double milliseconds);

}  // namespace game
