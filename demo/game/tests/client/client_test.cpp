#include "client.hpp"

#include <chrono>
#include <steady/json.hpp>
#include <steady/testing/manual_runtime.hpp>
#include <string>

#include "catch.hpp"
#include "states.hpp"

namespace game {

namespace {

using namespace std::chrono_literals;
using steady::testing::FakeConnection;
using steady::testing::ManualRuntime;
using testing::near;
using testing::state_with;
using testing::written;

/// A client whose server is played by the test, and its frames.
struct Player {
  ManualRuntime runtime;
  steady::Socket socket{make_options("ws://host/game", {"Ann", "0123456789abcdef"}), runtime};
  Client client{socket};

  FakeConnection& server() { return runtime.connection(); }

  void frame(std::chrono::milliseconds passed = 16ms) {
    runtime.advance(passed);
    client.frame(static_cast<double>(runtime.now().count()));
  }

  void connect(int id = 1) {
    while (runtime.transports() == connections_) runtime.advance(50ms);
    connections_ = runtime.transports();
    server().accept();
    server().deliver_text(steady::json{{"type", "welcome"}, {"you", id}}.dump());
    frame();
  }

  /// The binary messages of the present connection.
  std::vector<std::string> inputs() {
    std::vector<std::string> found;
    for (const auto& sent : server().sent()) {
      if (sent.kind == steady::MessageKind::binary) found.push_back(sent.data);
    }
    return found;
  }

  /// The pings of the present connection that were sent by the clock.
  std::vector<double> pings() {
    std::vector<double> found;
    for (const auto& sent : server().sent()) {
      if (sent.kind != steady::MessageKind::text) continue;
      const steady::json j = steady::json::parse(sent.data);
      if (j.contains("sent")) found.push_back(j["sent"].get<double>());
    }
    return found;
  }

  void deliver(std::uint32_t number, double time, Point at, std::uint16_t sequence = 0) {
    server().deliver_binary(
        written(state_with(number, time, {.id = 1, .at = at, .sequence = sequence})));
  }

 private:
  std::size_t connections_ = 0;
};

}  // namespace

TEST_CASE("the join goes first on every connection") {
  Player ann;
  ann.connect();
  for (int i = 0; i < 2; ++i) {
    const steady::json join = steady::json::parse(ann.server().sent().at(0).data);
    CHECK(join == steady::json{{"type", "join"}, {"name", "Ann"}, {"key", "0123456789abcdef"}});
    ann.server().drop();
    ann.connect();
  }
  CHECK(ann.client.counts().connections == 3);
}

TEST_CASE("a direction is sent when it changes, and no more often than 25 times a second") {
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

TEST_CASE("of the directions of the time without a connection the last one is sent") {
  Player ann;
  ann.connect();
  ann.server().drop();
  for (int i = 0; i < 20; ++i) {
    ann.client.steer({static_cast<float>(i) / 20, 0});
    ann.frame(50ms);
  }
  ann.client.steer({0, 1});
  ann.connect();
  ann.frame(50ms);
  const auto inputs = ann.inputs();
  REQUIRE_FALSE(inputs.empty());
  CHECK(inputs.size() <= 2);  // one that has waited, and one more since the server has forgotten
  CHECK(static_cast<int>(inputs.back()[4]) == 0);
  CHECK(static_cast<int>(inputs.back()[5]) == 127);
}

TEST_CASE("who goes when the connection ends goes on when the next one begins") {
  Player ann;
  ann.connect();
  ann.client.steer({1, 0});
  ann.frame(50ms);
  ann.server().drop();
  ann.connect();
  ann.frame(50ms);
  REQUIRE(ann.inputs().size() == 1);
  CHECK(static_cast<int>(ann.inputs()[0][4]) == 127);
}

TEST_CASE("a page that is left says so without another frame") {
  Player ann;
  ann.connect();
  ann.frame(50ms);
  ann.client.steer({1, 0});
  ann.frame();
  ann.client.stop();
  REQUIRE(ann.inputs().size() == 2);
  CHECK(static_cast<int>(ann.inputs()[1][4]) == 0);
}

TEST_CASE("a page without frames keeps the newest state and no other, however many come") {
  Player ann;
  ann.connect();
  ann.deliver(1, 50, {100, 100});
  ann.frame();
  for (std::uint32_t i = 2; i <= 601; ++i) {  // thirty seconds of states
    ann.deliver(i, i * 50.0, {100, 100});
    ann.server().deliver_text(R"({"type":"scored","player":2,"score":1})");
    ann.runtime.advance(50ms);
    REQUIRE(ann.socket.inbound_messages() <= 2);
  }
  ann.frame();
  CHECK(ann.client.counts().states == 2);
  CHECK(ann.client.counts().missed == 599);
  CHECK(ann.socket.state() == steady::State::open);
}

TEST_CASE("the clock is asked at once and then every second, and its answers are heard") {
  Player ann;
  ann.connect();
  REQUIRE(ann.pings().size() == 1);
  CHECK_FALSE(ann.client.round_trip().has_value());
  const double sent = ann.pings()[0];
  ann.runtime.advance(30ms);
  ann.server().deliver_text(
      steady::json{{"type", "pong"}, {"sent", sent}, {"time", 9'000.0}}.dump());
  ann.frame(0ms);
  CHECK(ann.client.round_trip() == 30);
  for (int i = 0; i < 40; ++i) ann.frame(10ms);
  CHECK(ann.pings().size() == 4);
  for (int i = 0; i < 400; ++i) {
    // What is said keeps the connection alive.
    ann.deliver(static_cast<std::uint32_t>(i), i * 10.0, {100, 100});
    ann.frame(10ms);
  }
  CHECK(ann.pings().size() == 8);
}

TEST_CASE("others are shown as they were a tenth of a second ago, and oneself as one will be") {
  Player ann;
  ann.connect();
  const auto pong = [&](double time) {
    ann.server().deliver_text(
        steady::json{{"type", "pong"}, {"sent", ann.pings().back()}, {"time", time}}.dump());
  };
  pong(1'000);  // without a delay: the server's clock shows 1000 now
  const auto deliver = [&](std::uint32_t number, double time, float x) {
    State state = state_with(number, time, {.id = 1, .at = {x, 100}});
    state.players.push_back({.id = 2, .at = {x, 200}});
    ann.server().deliver_binary(written(state));
    ann.frame(0ms);
  };
  deliver(1, 900, 100);
  deliver(2, 950, 114);
  deliver(3, 1'000, 128);
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

TEST_CASE("while there is no connection what was last shown stays") {
  Player ann;
  ann.connect();
  ann.deliver(1, 1'000, {100, 100});
  ann.frame();
  ann.server().drop();
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
  ann.server().drop();
  ann.connect(1);
  CHECK(ann.client.scene().players.empty());
  // Another server, whose clock begins again.
  ann.deliver(1, 50, {300, 300});
  ann.frame();
  REQUIRE(ann.client.scene().players.size() == 1);
  CHECK(ann.client.scene().players[0].at.x == 300);
  CHECK(ann.client.counts().missed == 0);
}

TEST_CASE("messages that are none of the game's harm nothing") {
  Player ann;
  ann.connect();
  ann.deliver(1, 1'000, {100, 100});
  ann.frame();
  ann.server().deliver_binary("");
  ann.frame();
  ann.server().deliver_binary(std::string(1'000, '\xff'));
  ann.frame();
  for (const char* text :
       {R"({"type":"pong","time":"late"})", R"({"type":"welcome","you":-1})", R"({"type":"pong"})",
        R"({"type":"welcome"})", "no JSON", R"({"type":"pong","sent":1e999,"time":1})"}) {
    ann.server().deliver_text(text);
    ann.frame();
  }
  CHECK(ann.client.counts().states == 1);
  CHECK(ann.client.scene().me == 1);
  CHECK_FALSE(ann.client.round_trip().has_value());
}

}  // namespace game
