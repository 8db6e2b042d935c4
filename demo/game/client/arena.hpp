#pragma once

#include <cstdint>

namespace game {

/// In units of length of the arena; the origin is its upper left corner.
struct Point {
  float x = 0;
  float y = 0;
};

/// Where somebody goes: from -1 to 1, no longer than 1 together.
struct Direction {
  float dx = 0;
  float dy = 0;
};

/// The figures of demo/game/server/arena.mjs.
namespace arena {
inline constexpr float width = 1600;
inline constexpr float height = 900;
inline constexpr float radius = 20;
inline constexpr float dot_radius = 8;
/// Units a second.
inline constexpr float speed = 280;
}  // namespace arena

inline Direction operator-(Point to, Point from) { return {to.x - from.x, to.y - from.y}; }

float length(Direction direction);

/// The same direction, no longer than 1.
Direction limited(Direction direction);

/// Where somebody is who goes in a direction for so many milliseconds; the walls hold them.
Point moved(Point from, Direction direction, double milliseconds);

}  // namespace game
