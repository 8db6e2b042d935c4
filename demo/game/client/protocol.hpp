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
  /// The sequence of the newest input that the server has.
  std::uint16_t sequence = 0;
  std::uint8_t colour = 0;
  /// The player is disconnected and may reconnect.
  bool is_away = false;
  std::uint32_t score = 0;
};

/// The complete arena at one time.
struct State {
  /// Increases by one with every state.
  std::uint32_t number = 0;
  /// Milliseconds since 1970, by the server's clock: see steady::Socket::server_time().
  double time = 0;
  std::vector<PlayerState> players = {};
  std::vector<Point> dots = {};
};

inline constexpr std::size_t max_players = 64;
inline constexpr std::size_t max_dots = 256;

/// Reads a binary message. Returns false if it is not a valid state; `state` then has no defined
/// content. The vectors of a reused State are refilled, so it soon needs no allocation.
bool read_state(std::span<const std::byte> bytes, State& state);

/// A new direction of a player.
struct Input {
  std::uint16_t sequence = 0;
  Direction direction = {};
};

std::array<std::byte, 6> write_input(const Input& input);

}  // namespace game
