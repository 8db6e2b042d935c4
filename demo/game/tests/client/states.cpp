#include "states.hpp"

#include <bit>
#include <cmath>

namespace game::testing {

namespace {

template <class T>
void put(std::string& out, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    out += static_cast<char>((static_cast<std::uint64_t>(value) >> (8 * i)) & 0xff);
  }
}

void put_point(std::string& out, Point at) {
  put(out, static_cast<std::uint16_t>(std::lround(at.x * 32)));
  put(out, static_cast<std::uint16_t>(std::lround(at.y * 32)));
}

}  // namespace

std::string written(const State& state) {
  std::string out;
  put(out, std::uint8_t{1});
  put(out, std::uint8_t{1});
  put(out, static_cast<std::uint16_t>(state.players.size()));
  put(out, static_cast<std::uint16_t>(state.dots.size()));
  put(out, state.number);
  put(out, std::bit_cast<std::uint64_t>(state.time));
  for (const PlayerState& player : state.players) {
    put(out, player.id);
    put_point(out, player.at);
    put(out, player.sequence);
    put(out, player.colour);
    put(out, static_cast<std::uint8_t>(player.is_away ? 1 : 0));
    put(out, player.score);
  }
  for (const Point dot : state.dots) put_point(out, dot);
  return out;
}

State state_with(std::uint32_t number, double time, const PlayerState& player) {
  return {.number = number, .time = time, .players = {player}, .dots = {{100, 200}}};
}

bool near(double one, double other) { return std::abs(one - other) < 0.01; }

}  // namespace game::testing
