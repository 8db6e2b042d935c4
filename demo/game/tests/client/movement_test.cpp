#include <cmath>
#include <vector>

#include "autopilot.hpp"
#include "catch.hpp"
#include "interpolation.hpp"
#include "prediction.hpp"
#include "states.hpp"

namespace game {

namespace {

using testing::near;
using testing::state_with;

void add(Interpolation& interpolation, std::uint32_t number, double time, Point at) {
  State state = state_with(number, time, {.id = 1, .at = at});
  interpolation.add(state);
}

Point shown(const Interpolation& interpolation, double time) {
  std::vector<PlayerState> players;
  interpolation.sample(time, players);
  REQUIRE(players.size() == 1);
  return players[0].at;
}

}  // namespace

TEST_CASE("between two states all players move from one to the other") {
  Interpolation interpolation;
  add(interpolation, 1, 1'000, {100, 100});
  add(interpolation, 2, 1'050, {114, 107});
  CHECK(shown(interpolation, 1'000).x == 100);
  CHECK(near(shown(interpolation, 1'025).x, 107));
  CHECK(near(shown(interpolation, 1'025).y, 103.5));
  CHECK(shown(interpolation, 1'050).x == 114);
}

TEST_CASE("before the first state and after the last one no player moves") {
  Interpolation interpolation;
  add(interpolation, 1, 1'000, {100, 100});
  add(interpolation, 2, 1'050, {114, 100});
  CHECK(shown(interpolation, 0).x == 100);
  CHECK(shown(interpolation, 9'000).x == 114);
}

TEST_CASE("a late or repeated state changes nothing") {
  Interpolation interpolation;
  add(interpolation, 2, 1'050, {114, 100});
  add(interpolation, 1, 1'000, {100, 100});
  add(interpolation, 2, 1'050, {500, 500});
  CHECK(shown(interpolation, 1'050).x == 114);
  CHECK(interpolation.newest()->time == 1'050);
}

TEST_CASE("a player moved by the server jumps there and is not shown in between") {
  Interpolation interpolation;
  add(interpolation, 1, 1'000, {100, 100});
  add(interpolation, 2, 1'050, {900, 700});
  CHECK(shown(interpolation, 1'049).x == 100);
  CHECK(shown(interpolation, 1'050).x == 900);
}

TEST_CASE("a player in one of two states only is shown at the position in that state") {
  Interpolation interpolation;
  State first = state_with(1, 1'000, {.id = 1, .at = {100, 100}});
  State second = state_with(2, 1'050, {.id = 2, .at = {200, 200}});
  interpolation.add(first);
  interpolation.add(second);
  std::vector<PlayerState> players;
  interpolation.sample(1'025, players);
  REQUIRE(players.size() == 1);
  CHECK(players[0].id == 1);
  interpolation.sample(1'050, players);
  REQUIRE(players.size() == 1);
  CHECK(players[0].id == 2);
}

TEST_CASE("after many states the old ones are removed, and a reset removes all") {
  Interpolation interpolation;
  for (std::uint32_t i = 0; i < 100; ++i) {
    add(interpolation, i, i * 50.0, {100 + static_cast<float>(i), 100});
  }
  CHECK(shown(interpolation, 0).x == 100 + 84);
  CHECK(near(shown(interpolation, 98.5 * 50).x, 198.5));
  interpolation.clear();
  std::vector<PlayerState> players;
  interpolation.sample(0, players);
  CHECK(players.empty());
  CHECK(interpolation.newest() == nullptr);
}

TEST_CASE("the own player moves at once, before the server's answer") {
  Prediction prediction;
  prediction.reconcile({.id = 1, .at = {100, 100}}, 0);
  prediction.steer({.sequence = 1, .direction = {1, 0}}, 100);
  CHECK(prediction.at(100).x == 100);
  CHECK(near(prediction.at(200).x, 128));
  prediction.steer({.sequence = 2, .direction = {0, 1}}, 200);
  CHECK(near(prediction.at(300).x, 128));
  CHECK(near(prediction.at(300).y, 128));
}

TEST_CASE("the server's position applies, with the unconfirmed inputs added") {
  Prediction prediction;
  prediction.reconcile({.id = 1, .at = {100, 100}}, 0);
  prediction.steer({.sequence = 1, .direction = {1, 0}}, 100);
  prediction.steer({.sequence = 2, .direction = {0, 1}}, 200);
  // The server has the first input, and received it late.
  prediction.reconcile({.id = 1, .at = {114, 100}, .sequence = 1}, 200);
  CHECK(near(prediction.at(200).x, 114));
  CHECK(near(prediction.at(300).x, 114));
  CHECK(near(prediction.at(300).y, 128));
  // The server has both: movement continues as in the last one.
  prediction.reconcile({.id = 1, .at = {114, 128}, .sequence = 2}, 300);
  CHECK(near(prediction.at(400).y, 156));
}

TEST_CASE("an input that the server received late has not moved the player yet") {
  Prediction prediction;
  prediction.reconcile({.id = 1, .at = {100, 100}}, 0);
  prediction.steer({.sequence = 1, .direction = {1, 0}}, 100);
  prediction.reconcile({.id = 1, .at = {100, 100}}, 200);
  CHECK(prediction.at(200).x == 100);
  CHECK(near(prediction.at(300).x, 128));
}

TEST_CASE("a restarted sequence number is newer than the one before it") {
  Prediction prediction;
  prediction.reconcile({.id = 1, .at = {100, 100}, .sequence = 65'535}, 0);
  prediction.steer({.sequence = 1, .direction = {1, 0}}, 0);
  prediction.reconcile({.id = 1, .at = {100, 100}, .sequence = 65'535}, 50);
  CHECK(near(prediction.at(150).x, 128));
  prediction.reconcile({.id = 1, .at = {128, 100}, .sequence = 1}, 150);
  CHECK(near(prediction.at(250).x, 156));
}

TEST_CASE("walls stop the predicted player as on the server") {
  Prediction prediction;
  prediction.reconcile({.id = 1, .at = {1'570, 100}}, 0);
  prediction.steer({.sequence = 1, .direction = {1, 0}}, 0);
  CHECK(prediction.at(1'000).x == arena::width - arena::radius);
}

TEST_CASE("the shown position moves to a correction without a jump") {
  Prediction prediction;
  prediction.reconcile({.id = 1, .at = {100, 100}}, 0);
  CHECK(prediction.show(100).x == 100);
  prediction.reconcile({.id = 1, .at = {130, 100}}, 100);
  CHECK(near(prediction.show(100).x, 100));
  float last = 100;
  for (double time = 116; time < 700; time += 16) {
    const float x = prediction.show(time).x;
    CHECK(x >= last);
    last = x;
  }
  CHECK(std::abs(last - 130) < 0.5);
}

TEST_CASE("a player moved far away is shown there at once") {
  Prediction prediction;
  prediction.reconcile({.id = 1, .at = {100, 100}}, 0);
  prediction.show(100);
  prediction.reconcile({.id = 1, .at = {900, 100}}, 150);
  CHECK(near(prediction.show(160).x, 900));
}

TEST_CASE("with 60 ms of latency the shown position is the server's later one, within a step") {
  // A server with steps of 50 ms that receives every input 30 ms late; its states arrive 30 ms
  // late, too.
  Prediction prediction;
  Point at{800, 450};
  std::uint16_t applied = 0;
  Direction going{};
  struct OnTheWay {
    double arrives;
    Input input;
  };
  std::vector<OnTheWay> inputs;
  prediction.reconcile({.id = 1, .at = at}, 0);
  std::uint16_t sequence = 0;
  double worst = 0;
  for (int now = 0; now < 5'000; now += 10) {  // the server's clock
    if (now % 300 == 0) {
      const auto turn = static_cast<float>(now);
      const Input input{++sequence, {std::cos(turn), std::sin(turn)}};
      prediction.steer(input, now + 30);
      inputs.push_back({now + 30.0, input});
    }
    for (const OnTheWay& one : inputs) {
      if (one.arrives != now) continue;
      going = one.input.direction;
      applied = one.input.sequence;
    }
    if (now % 50 != 0) continue;
    at = moved(at, going, 50);
    const Point expected = prediction.at(now);
    worst = std::max(worst, static_cast<double>(length(at - expected)));
    prediction.reconcile({.id = 1, .at = at, .sequence = applied}, now);
  }
  // Of two movements in opposite directions, half a step's each.
  CHECK(worst <= 2 * arena::speed * 0.05F);
  CHECK(sequence > 10);
}

TEST_CASE("the bot moves to the nearest dot, and stops if there is none") {
  const std::vector<Point> dots = {{900, 100}, {100, 150}, {500, 500}};
  const Direction way = towards_dots({100, 100}, dots);
  CHECK(way.dx == 0);
  CHECK(way.dy == 1);
  CHECK(length(towards_dots({100, 100}, {})) == 0);
  CHECK(length(towards_dots({100, 150}, dots)) == 0);
  CHECK(near(towards_dots({100, 100}, dots, 0.5F).dy, 0.5));
}

}  // namespace game
