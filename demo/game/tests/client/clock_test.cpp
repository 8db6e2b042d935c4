#include "server_clock.hpp"

#include <cmath>
#include <limits>
#include <random>

#include "catch.hpp"

namespace game {

TEST_CASE("the server's clock is not known before a ping was answered, nor after a reset") {
  ServerClock clock;
  CHECK_FALSE(clock.at(0).has_value());
  CHECK_FALSE(clock.round_trip().has_value());
  clock.hear(0, 20, 1'000);
  CHECK(clock.at(20).has_value());
  clock.reset();
  CHECK_FALSE(clock.at(20).has_value());
  CHECK_FALSE(clock.round_trip().has_value());
}

TEST_CASE("the server's clock shows half a round trip more than the answer said") {
  ServerClock clock;
  clock.hear(100, 140, 5'000);
  CHECK(clock.at(140) == 5'020);
  CHECK(clock.round_trip() == 40);
}

TEST_CASE("the quickest of the last answers sets the clock, whatever came after it") {
  ServerClock clock;
  clock.hear(0, 20, 1'010);
  clock.hear(1'000, 1'400, 2'390);  // the answer was on its way for nearly all of the 400 ms
  CHECK(clock.at(2'000) == 3'000);
  CHECK(clock.round_trip() == 400);
  CHECK(clock.quickest_round_trip() == 20);
}

TEST_CASE("an answer that was quick is forgotten after eight others") {
  ServerClock clock;
  clock.hear(0, 2, 500);
  for (int i = 1; i <= 8; ++i) clock.hear(i * 1'000, i * 1'000 + 50, i * 1'000 + 25 + 700);
  CHECK(clock.quickest_round_trip() == 50);
  CHECK(clock.at(10'000) == 10'700);
}

TEST_CASE("answers with times that cannot be are not heard") {
  ServerClock clock;
  const double nothing = std::numeric_limits<double>::quiet_NaN();
  clock.hear(nothing, 10, 1);
  clock.hear(0, 10, nothing);
  clock.hear(0, 10, std::numeric_limits<double>::infinity());
  clock.hear(20, 10, 1);  // sent after it was heard
  CHECK_FALSE(clock.at(10).has_value());
}

TEST_CASE("over a network that trembles the clock is right within half of the least trembling") {
  const unsigned seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random(seed);
  std::exponential_distribution<double> tremble(1.0 / 15);
  const double offset = 98'765;
  ServerClock clock;
  double now = 0;
  for (int i = 0; i < 200; ++i) {
    now += 1'000;
    const double there = 10 + tremble(random);
    const double back = 10 + tremble(random);
    clock.hear(now, now + there + back, now + there + offset);
    // What the ways have in common cancels out; of the rest the quickest answer has little.
    const double most = (clock.quickest_round_trip() - 20) / 2;
    REQUIRE(std::abs(*clock.at(now) - (now + offset)) <= most + 1e-6);
  }
}

}  // namespace game
