#include "client.hpp"

#include <chrono>
#include <cmath>
#include <steady/json.hpp>
#include <steady/testing/fake_session_server.hpp>
#include <steady/testing/manual_runtime.hpp>
#include <string>

#include "catch.hpp"
#include "states.hpp"

namespace game {

namespace {

using namespace std::chrono_literals;
using steady::testing::FakeSessionServer;
using steady::testing::ManualRuntime;
using testing::near;
using testing::state_with;
using testing::written;

/// A client whose server is the test, and its frames.
struct Player {
  ManualRuntime runtime;
  FakeSessionServer server{runtime};
  steady::Socket socket{make_options("ws://host/game", {"Ann", "0123456789abcdef"}), runtime};
  Client client{socket};

  /// The server answers before the frame.
  void frame(std::chrono::milliseconds passed = 16ms) {
    runtime.advance(passed);
    if (socket.state() == steady::State::open) server.read();
    client.frame(static_cast<double>(runtime.now().count()));
  }

  /// Connects, and welcomes a new session, with these additional members.
  void connect(int id = 1, const steady::json& more = steady::json::object()) {
    accept();
    steady::json welcome = {{"type", "welcome"}, {"you", id}};
    welcome.update(more);
    server.send(welcome.dump());
    frame();
  }

  /// Connects, and continues the session.
  void resume() {
    accept();
    frame();
  }

  /// Ends the connection. The server has read everything.
  void drop() {
    inputs();
    runtime.connection().drop();
  }

  /// The inputs that the server has received on the present connection.
  std::vector<std::string> inputs() {
    for (std::string& message : server.take()) {
      if (message.size() == 6 && message[0] == 1) inputs_.push_back(std::move(message));
    }
    return inputs_;
  }

  /// The pings of the present connection.
  std::size_t pings() {
    std::size_t found = 0;
    for (const auto& sent : runtime.connection().sent()) {
      if (sent.data.starts_with("\x10?")) ++found;
    }
    return found;
  }

  /// Milliseconds since 1970, by the server's clock.
  double time() const { return static_cast<double>(runtime.wall_clock().count()); }

  void deliver(std::uint32_t number, double time, Point at, std::uint16_t sequence = 0) {
    server.send_volatile(
        written(state_with(number, time, {.id = 1, .at = at, .sequence = sequence})));
  }

 private:
  void accept() {
    while (runtime.transports() == connections_) runtime.advance(50ms);
    connections_ = runtime.transports();
    inputs_.clear();
    server.accept();
  }

  std::size_t connections_ = 0;
  std::vector<std::string> inputs_;
};

}  // namespace

TEST_CASE("the join goes first on every connection") {
  Player ann;
  ann.connect();
  for (int i = 0; i < 2; ++i) {
    const steady::json join = steady::json::parse(ann.runtime.connection().sent().at(0).data);
    CHECK(join == steady::json{{"type", "join"}, {"name", "Ann"}, {"key", "0123456789abcdef"}});
    ann.drop();
    ann.resume();
  }
  CHECK(ann.client.counts().connections == 3);
}

TEST_CASE("a direction is sent when it changes, at most 25 times a second") {
  Player ann;
  ann.connect();
  ann.frame(100ms);
  for (int i = 0; i < 100; ++i) {
    ann.client.steer({static_cast<float>(i) / 200, 0});
    ann.frame(10ms);
  }
  CHECK(ann.inputs().size() == 25);
  const std::size_t before = ann.inputs().size();
  ann.client.steer({0, 0});
  for (int i = 0; i < 100; ++i) ann.frame(10ms);
  CHECK(ann.inputs().size() == before + 1);
}

TEST_CASE("of the directions without a connection, the last one is sent") {
  Player ann;
  ann.connect();
  ann.drop();
  for (int i = 0; i < 20; ++i) {
    ann.client.steer({static_cast<float>(i) / 20, 0});
    ann.frame(50ms);
  }
  ann.client.steer({0, 1});
  SECTION("in the session") { ann.resume(); }
  SECTION("in another session") {
    ann.server.forget();
    ann.connect();
  }
  ann.frame(50ms);
  const auto inputs = ann.inputs();
  REQUIRE_FALSE(inputs.empty());
  CHECK(inputs.size() <= 2);  // one that has waited, and another if the server has lost the session
  CHECK(static_cast<int>(inputs.back()[4]) == 0);
  CHECK(static_cast<int>(inputs.back()[5]) == 127);
}

TEST_CASE("a player moving when the connection ends continues when the next one begins") {
  Player ann;
  ann.connect();
  ann.client.steer({1, 0});
  ann.frame(50ms);
  REQUIRE(ann.inputs().size() == 1);
  CHECK(static_cast<int>(ann.inputs()[0][4]) == 127);
  SECTION("in the session, in which the server knows the direction") {
    ann.drop();
    ann.resume();
    ann.frame(50ms);
    CHECK(ann.inputs().empty());
  }
  SECTION("in the session, in which lost inputs are repeated") {
    ann.client.steer({0, 1});
    ann.runtime.advance(50ms);
    ann.client.frame(static_cast<double>(ann.runtime.now().count()));
    ann.runtime.connection().drop();
    ann.resume();
    ann.frame(50ms);
    REQUIRE(ann.inputs().size() == 1);
    CHECK(static_cast<int>(ann.inputs()[0][5]) == 127);
  }
  SECTION("in another session, in which it is sent again") {
    ann.drop();
    ann.server.forget();
    ann.connect();
    ann.frame(50ms);
    REQUIRE(ann.inputs().size() == 1);
    CHECK(static_cast<int>(ann.inputs()[0][4]) == 127);
  }
}

TEST_CASE("a page that is left stops without another frame") {
  Player ann;
  ann.connect();
  ann.frame(50ms);
  ann.client.steer({1, 0});
  ann.frame();
  ann.client.stop();
  REQUIRE(ann.inputs().size() == 2);
  CHECK(static_cast<int>(ann.inputs()[1][4]) == 0);
}

TEST_CASE("a page without frames keeps only the newest state, however many arrive") {
  Player ann;
  ann.connect();
  ann.deliver(1, 50, {100, 100});
  ann.frame();
  for (std::uint32_t i = 2; i <= 601; ++i) {  // thirty seconds of states
    ann.deliver(i, i * 50.0, {100, 100});
    ann.server.send(R"({"type":"scored","player":2,"score":1})");
    ann.runtime.advance(50ms);
    ann.server.read();
    REQUIRE(ann.socket.inbound_messages() <= 2);
  }
  ann.frame();
  CHECK(ann.client.counts().states == 2);
  CHECK(ann.client.counts().missed == 599);
  CHECK(ann.socket.state() == steady::State::open);
}

TEST_CASE("the round trip is measured at once and then every two seconds, whatever arrives") {
  Player ann;
  CHECK_FALSE(ann.client.round_trip().has_value());
  ann.connect();
  CHECK(ann.pings() == 1);
  CHECK(ann.client.round_trip() == 0);
  const auto frames_until_ping = [&](std::size_t count) {
    std::uint32_t number = 0;
    const auto before = ann.runtime.now();
    while (ann.pings() < count) {
      ann.deliver(++number, ann.time(), {100, 100});
      ann.runtime.advance(1ms);
      ann.client.frame(static_cast<double>(ann.runtime.now().count()));
    }
    return ann.runtime.now() - before;
  };
  CHECK(frames_until_ping(2) <= 2s);
  ann.runtime.advance(30ms);
  ann.frame(0ms);
  CHECK(ann.client.round_trip() == 30);
  for (std::size_t count = 3; count < 8; ++count) {
    const auto passed = frames_until_ping(count);
    CHECK(passed > 1s);
    CHECK(passed <= 2s);
    ann.frame(0ms);
  }
}

TEST_CASE("a server whose clock was set back is shown at once") {
  Player ann;
  ann.connect();
  ann.deliver(1, ann.time(), {100, 100});
  ann.frame();
  ann.deliver(2, ann.time() - 3'600'000, {300, 100});
  ann.frame();
  REQUIRE(ann.client.scene().players.size() == 1);
  CHECK(ann.client.scene().players[0].at.x == 300);
}

TEST_CASE("states without a connection are not counted as missed") {
  Player ann;
  ann.connect();
  ann.deliver(1, ann.time(), {100, 100});
  ann.frame();
  ann.drop();
  ann.resume();
  ann.deliver(50, ann.time(), {100, 100});
  ann.frame();
  ann.deliver(52, ann.time(), {100, 100});
  ann.frame();
  CHECK(ann.client.counts().states == 3);
  CHECK(ann.client.counts().missed == 1);
}

TEST_CASE("others are shown with a delay of 0.1 s, and the own player as predicted") {
  Player ann;
  ann.connect();
  const double now = ann.time();
  const auto deliver = [&](std::uint32_t number, double time, float x) {
    State state = state_with(number, time, {.id = 1, .at = {x, 100}});
    state.players.push_back({.id = 2, .at = {x, 200}});
    ann.server.send_volatile(written(state));
    ann.frame(0ms);
  };
  deliver(1, now - 100, 100);
  deliver(2, now - 50, 114);
  deliver(3, now, 128);
  ann.client.steer({1, 0});
  ann.frame(25ms);
  ann.frame(25ms);
  const Scene scene = ann.client.scene();
  REQUIRE(scene.me == 1);
  REQUIRE(scene.players.size() == 2);
  CHECK(near(scene.players[1].at.x, 114));
  CHECK(scene.players[0].at.x > 128);
  CHECK(scene.players[0].at.x <= 128 + arena::speed * 0.05F);
}

TEST_CASE("without prediction the own player is shown like all others") {
  Player ann;
  ann.connect();
  const double now = ann.time();
  ann.deliver(1, now - 100, {100, 100});
  ann.frame(0ms);
  ann.deliver(2, now, {128, 100});
  ann.frame(0ms);
  ann.client.steer({1, 0});
  ann.frame(25ms);
  ann.frame(25ms);
  const float predicted = ann.client.scene().players[0].at.x;
  CHECK(predicted > 128);
  REQUIRE(ann.client.scene().confirmed.has_value());
  CHECK(near(ann.client.scene().confirmed->x, 114));
  ann.client.set_prediction(false);
  CHECK(near(ann.client.scene().players[0].at.x, 114));
  ann.client.set_prediction(true);
  CHECK(near(ann.client.scene().players[0].at.x, predicted));
}

TEST_CASE(
    "the round comes with the welcome and its messages, and counts down by the server's clock") {
  Player ann;
  ann.connect();
  CHECK_FALSE(ann.client.round().has_value());
  CHECK_FALSE(ann.client.remaining().has_value());
  const auto announce = [&](int number, const char* phase, double until) {
    ann.server.send(steady::json{
        {"type", "round"}, {"n", number}, {"phase", phase}, {"until", until}, {"target", 50}}
                        .dump());
    ann.frame(0ms);
  };
  announce(3, "play", ann.time() + 90'000);
  REQUIRE(ann.client.round().has_value());
  CHECK(*ann.client.round() == Round{3, false, ann.time() + 90'000, 50});
  for (int i = 0; i < 3'000; ++i) ann.frame(10ms);
  // The clock is known within half of a round trip.
  const auto is_left = [&](double expected) {
    return std::abs(ann.client.remaining().value_or(-1) - expected) <= 10;
  };
  CHECK(is_left(60'000));
  announce(3, "end", ann.time() + 8'000);
  CHECK(ann.client.round()->is_over);
  // The countdown continues without a connection, and never runs below zero.
  ann.drop();
  ann.frame(5s);
  CHECK(is_left(3'000));
  ann.frame(5s);
  CHECK(ann.client.remaining() == 0);

  ann.server.forget();
  const steady::json round = {{"n", 5}, {"phase", "play"}, {"until", 1e12}, {"target", 9}};
  ann.connect(1, {{"round", round}});
  CHECK(ann.client.round()->number == 5);
  CHECK(ann.client.round()->target == 9);
}

TEST_CASE("without a connection the last shown content remains") {
  Player ann;
  ann.connect();
  ann.deliver(1, 1'000, {100, 100});
  ann.frame();
  ann.drop();
  ann.frame(500ms);
  REQUIRE(ann.client.scene().players.size() == 1);
  CHECK(ann.client.scene().players[0].at.x == 100);
  CHECK(ann.client.scene().dots.size() == 1);
}

TEST_CASE("after a welcome nothing is shown of the arena before it") {
  Player ann;
  ann.connect();
  ann.deliver(50, 90'000, {100, 100});
  ann.frame();
  ann.drop();
  ann.server.forget();
  ann.connect(1);
  CHECK(ann.client.scene().players.empty());
  // Another server, whose clock begins again.
  ann.deliver(1, 50, {300, 300});
  ann.frame();
  REQUIRE(ann.client.scene().players.size() == 1);
  CHECK(ann.client.scene().players[0].at.x == 300);
  CHECK(ann.client.counts().missed == 0);
}

TEST_CASE("a server without sessions is not played on") {
  Player ann;
  ann.runtime.connection().accept();
  ann.frame();
  CHECK(ann.socket.error().code == steady::ErrorCode::session_unsupported);
  CHECK(ann.socket.state() != steady::State::open);
}

TEST_CASE("unknown messages have no effect") {
  Player ann;
  ann.connect();
  ann.deliver(1, 1'000, {100, 100});
  ann.frame();
  ann.server.send_volatile("");
  ann.frame();
  ann.server.send_volatile(std::string(1'000, '\xff'));
  ann.frame();
  for (const char* text :
       {R"({"type":"pong","time":"late"})", R"({"type":"welcome","you":-1})", R"({"type":"pong"})",
        R"({"type":"welcome"})", R"({"type":"round"})", "no JSON",
        R"({"type":"round","n":1,"phase":"pause","until":1,"target":1})",
        R"({"type":"round","n":-1,"phase":"play","until":1,"target":1})",
        R"({"type":"pong","sent":1e999,"time":1})"}) {
    ann.server.send(text);
    ann.frame();
  }
  CHECK(ann.client.counts().states == 1);
  CHECK(ann.client.scene().me == 1);
  CHECK_FALSE(ann.client.round().has_value());
  CHECK(ann.client.round_trip() == 0);
}

}  // namespace game
