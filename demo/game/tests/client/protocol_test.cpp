#include "protocol.hpp"

#include <limits>
#include <memory>
#include <random>
#include <span>
#include <string>

#include "catch.hpp"
#include "states.hpp"

namespace game {

namespace {

using testing::written;

bool reads(const std::string& text, State& state) {
  // On the heap and of this size, so that ASan sees a byte read beyond the end.
  const auto copy = std::make_unique<std::byte[]>(text.size());
  std::copy(text.begin(), text.end(), reinterpret_cast<char*>(copy.get()));
  return read_state(std::span<const std::byte>(copy.get(), text.size()), state);
}

bool reads(const std::string& text) {
  State state;
  return reads(text, state);
}

State example() {
  return {.number = 70'000,
          .time = 123'456.75,
          .players = {{.id = 7,
                       .at = {20.5F, 880},
                       .sequence = 65'535,
                       .colour = 11,
                       .is_away = true,
                       .score = 1'000'000},
                      {.id = 300, .at = {1580, 20}}},
          .dots = {{0, 0}, {1600, 900}, {3.25F, 4}}};
}

}  // namespace

TEST_CASE("a state is read as it was written") {
  State state;
  REQUIRE(reads(written(example()), state));
  CHECK(state.number == 70'000);
  CHECK(state.time == 123'456.75);
  REQUIRE(state.players.size() == 2);
  CHECK(state.players[0].id == 7);
  CHECK(state.players[0].at.x == 20.5F);
  CHECK(state.players[0].at.y == 880);
  CHECK(state.players[0].sequence == 65'535);
  CHECK(state.players[0].colour == 11);
  CHECK(state.players[0].is_away);
  CHECK(state.players[0].score == 1'000'000);
  CHECK(state.players[1].id == 300);
  CHECK_FALSE(state.players[1].is_away);
  REQUIRE(state.dots.size() == 3);
  CHECK(state.dots[2].x == 3.25F);
}

TEST_CASE("a state read into a used one keeps none of its content") {
  State state;
  REQUIRE(reads(written(example()), state));
  REQUIRE(reads(written({.number = 1, .time = 1, .players = {{.id = 1, .at = {20, 20}}}}), state));
  CHECK(state.players.size() == 1);
  CHECK_FALSE(state.players[0].is_away);
  CHECK(state.dots.empty());
}

TEST_CASE("a state that is too short or too long by any number of bytes is rejected") {
  const std::string whole = written(example());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(reads(whole.substr(0, size)));
  }
  CHECK_FALSE(reads(whole + '\0'));
}

TEST_CASE("a state of another version or kind is rejected") {
  for (const std::size_t index : {0, 1}) {
    std::string other = written(example());
    other[index] = 2;
    CHECK_FALSE(reads(other));
  }
}

TEST_CASE("a state with too many players or dots is rejected") {
  State crowded{.players = std::vector<PlayerState>(max_players)};
  CHECK(reads(written(crowded)));
  crowded.players.emplace_back();
  CHECK_FALSE(reads(written(crowded)));
  State dotted{.dots = std::vector<Point>(max_dots)};
  CHECK(reads(written(dotted)));
  dotted.dots.emplace_back();
  CHECK_FALSE(reads(written(dotted)));
}

TEST_CASE("a state with a position outside the arena or an invalid flag or time is rejected") {
  State state = example();
  state.players[1].at.x = 1600.5F;
  CHECK_FALSE(reads(written(state)));
  state = example();
  state.dots[0].y = 900.5F;
  CHECK_FALSE(reads(written(state)));
  for (const double time :
       {std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    state = example();
    state.time = time;
    CHECK_FALSE(reads(written(state)));
  }
  std::string flagged = written(example());
  flagged[18 + 9] = 2;
  CHECK_FALSE(reads(flagged));
}

TEST_CASE("positions read from arbitrary bytes are in the arena") {
  const unsigned seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random(seed);
  State state;
  int taken = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes = written(example());
    // A few bytes of a valid one are changed, or all of an invalid one.
    const bool is_noise = random() % 4 == 0;
    if (is_noise) bytes.resize(random() % 200);
    for (std::size_t change = is_noise ? bytes.size() : random() % 4; change > 0; --change) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    if (!reads(bytes, state)) continue;
    ++taken;
    bool is_inside = state.players.size() <= max_players && state.dots.size() <= max_dots;
    for (const PlayerState& player : state.players) {
      is_inside = is_inside && player.at.x <= arena::width && player.at.y <= arena::height;
    }
    for (const Point dot : state.dots) {
      is_inside = is_inside && dot.x <= arena::width && dot.y <= arena::height;
    }
    REQUIRE(is_inside);
  }
  CHECK(taken > 0);
}

TEST_CASE("an input is written with a direction of at most length 1") {
  const auto byte = [](int value) { return static_cast<std::byte>(value); };
  const std::array<std::byte, 6> expected = {byte(1),    byte(2),   byte(0x34),
                                             byte(0x12), byte(127), byte(0)};
  CHECK(write_input({.sequence = 0x1234, .direction = {5, 0}}) == expected);
  const auto diagonal = write_input({.sequence = 1, .direction = {-1, 1}});
  CHECK(static_cast<int>(static_cast<std::int8_t>(diagonal[4])) == -90);
  CHECK(static_cast<int>(static_cast<std::int8_t>(diagonal[5])) == 90);
}

}  // namespace game
