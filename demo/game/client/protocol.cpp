#include "protocol.hpp"

#include <cmath>
#include <cstring>
#include <optional>

namespace game {

namespace {

constexpr std::uint8_t version = 1;
constexpr std::uint8_t state_kind = 1;
constexpr std::uint8_t input_kind = 2;
/// The resolution of positions: parts of a unit.
constexpr float scale = 32;
constexpr std::size_t header_size = 18;
constexpr std::size_t player_size = 14;
constexpr std::size_t dot_size = 4;

/// Reads little-endian numbers from the front. The caller ensures that there are enough bytes.
class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : rest_(bytes) {}

  template <class T>
  T take() {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      value |= std::to_integer<std::uint64_t>(rest_[i]) << (8 * i);
    }
    rest_ = rest_.subspan(sizeof(T));
    return static_cast<T>(value);
  }

  /// IEEE 754.
  double take_double() {
    const auto bits = take<std::uint64_t>();
    // Emscripten 3.1.6 has no std::bit_cast.
    double value = 0;
    std::memcpy(&value, &bits, sizeof(value));
    return value;
  }

  /// Positions are inside the arena.
  std::optional<Point> take_point() {
    const float x = static_cast<float>(take<std::uint16_t>()) / scale;
    const float y = static_cast<float>(take<std::uint16_t>()) / scale;
    if (x > arena::width || y > arena::height) return {};
    return Point{x, y};
  }

 private:
  std::span<const std::byte> rest_;
};

bool read_player(Reader& reader, PlayerState& player) {
  player.id = reader.take<std::uint16_t>();
  const std::optional<Point> at = reader.take_point();
  player.at = at.value_or(Point{});
  player.sequence = reader.take<std::uint16_t>();
  player.colour = reader.take<std::uint8_t>();
  const auto flags = reader.take<std::uint8_t>();
  player.is_away = flags == 1;
  player.score = reader.take<std::uint32_t>();
  return at.has_value() && flags <= 1;
}

}  // namespace

bool read_state(std::span<const std::byte> bytes, State& state) {
  if (bytes.size() < header_size) return false;
  Reader reader(bytes);
  if (reader.take<std::uint8_t>() != version || reader.take<std::uint8_t>() != state_kind) {
    return false;
  }
  const std::size_t players = reader.take<std::uint16_t>();
  const std::size_t dots = reader.take<std::uint16_t>();
  state.number = reader.take<std::uint32_t>();
  state.time = reader.take_double();
  if (players > max_players || dots > max_dots || !std::isfinite(state.time)) return false;
  if (bytes.size() != header_size + players * player_size + dots * dot_size) return false;

  state.players.resize(players);
  for (PlayerState& player : state.players) {
    if (!read_player(reader, player)) return false;
  }
  state.dots.clear();
  for (std::size_t i = 0; i < dots; ++i) {
    const std::optional<Point> at = reader.take_point();
    if (!at) return false;
    state.dots.push_back(*at);
  }
  return true;
}

std::array<std::byte, 6> write_input(const Input& input) {
  const Direction direction = limited(input.direction);
  const auto part = [](float value) {
    return static_cast<std::byte>(static_cast<std::int8_t>(std::lround(value * 127)));
  };
  return {static_cast<std::byte>(version),
          static_cast<std::byte>(input_kind),
          static_cast<std::byte>(input.sequence & 0xff),
          static_cast<std::byte>(input.sequence >> 8),
          part(direction.dx),
          part(direction.dy)};
}

}  // namespace game
