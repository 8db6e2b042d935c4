#pragma once

// The binary messages of docs/demos/game-protocol.md.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "arena.hpp"

namespace game {

struct PlayerState {
  std::uint16_t id = 0;
  Point at = {};
  /// Of the newest input that the server has.
  std::uint16_t sequence = 0;
  std::uint8_t colour = 0;
  /// They were cut off, and may come back.
  bool is_away = false;
  std::uint32_t score = 0;
};

/// The whole arena at one moment.
struct State {
  /// One more than that of the state before.
  std::uint32_t number = 0;
  /// Milliseconds since 1970, by the server's clock: see steady::Socket::server_time().
  double time = 0;
  std::vector<PlayerState> players = {};
  std::vector<Point> dots = {};
};

inline constexpr std::size_t max_players = 64;
inline constexpr std::size_t max_dots = 256;

/// Reads a binary message. False if it is no state in every part; `state` is of no use then. Its
/// vectors are filled again, so that a State which is used again soon costs no allocation.
bool read_state(std::span<const std::byte> bytes, State& state);

/// Which way somebody goes from now on.
struct Input {
  std::uint16_t sequence = 0;
  Direction direction = {};
};

std::array<std::byte, 6> write_input(const Input& input);

}  // namespace game
