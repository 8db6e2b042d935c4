#include "heartbeat.hpp"

#include <string>

#include "catch.hpp"
#include "recorder.hpp"

using steady::DropReason;
using steady::ErrorCode;
using steady::HeartbeatOptions;
using steady::Options;
using steady::SendStatus;
using steady::Socket;
using steady::Subscription;
using steady::detail::Heartbeat;
using steady::testing::ManualRuntime;
using Verdict = Heartbeat::Verdict;

namespace {

Options beating() {
  Options options = options_for_tests();
  options.heartbeat = HeartbeatOptions{};
  return options;
}

/// An open connection with a heartbeat, on which C++ does not read messages.
struct Beating {
  explicit Beating(Options options = beating()) : socket(std::move(options), runtime) {
    runtime.connection().take_grants();
    errors = socket.on_error([this](const steady::Error& error) { last_error = error.code; });
    runtime.connection().accept();
  }

  std::size_t pings() const {
    std::size_t count = 0;
    for (const auto& text : sent_texts(runtime.connection())) count += text == R"({"type":"ping"})";
    return count;
  }

  mutable ManualRuntime runtime;
  Socket socket;
  ErrorCode last_error = ErrorCode::none;
  Subscription errors;
};

}  // namespace

TEST_CASE("nothing is sent without a heartbeat, and nothing waits") {
  Options options = beating();
  options.heartbeat.reset();
  Beating f(std::move(options));
  f.runtime.advance(1h);
  CHECK(f.runtime.connection().sent().empty());
  CHECK(f.runtime.timers() == 0);
  CHECK(f.socket.state() == State::open);
  CHECK_FALSE(f.socket.stats().round_trip);
}

TEST_CASE("a server that falls silent is pinged within the interval, and given up in time") {
  // Whenever the silence begins.
  for (auto last = 0ms; last < 8s; last += 100ms) {
    Beating f;
    f.runtime.advance(last);
    f.runtime.connection().deliver_unshown();
    f.runtime.advance(11'250ms - 1ms);
    CHECK(f.pings() == 0);
    f.runtime.advance(15s - 11'250ms + 1ms);
    CHECK(f.pings() == 1);
    CHECK(f.socket.state() == State::open);
    f.runtime.advance(5s);
    CHECK(f.socket.state() != State::open);
    CHECK(f.last_error == ErrorCode::heartbeat_timeout);
    CHECK(f.runtime.connection(0).abandoned());
    CHECK_FALSE(f.runtime.connection(0).close_requested());
  }
}

TEST_CASE("a connection that was given up is replaced, and what it still says is dropped") {
  Beating f;
  f.runtime.fix_random(0.5);
  f.runtime.advance(11'250ms + 5s);
  REQUIRE(f.socket.state() == State::waiting);
  CHECK(f.socket.send("x").status == SendStatus::queued);
  f.runtime.advance(500ms);
  REQUIRE(f.runtime.transports() == 2);
  CHECK_FALSE(f.runtime.connection(0).deliver_text("late"));
  f.runtime.connection(0).drop();
  f.runtime.connection().accept();
  CHECK(f.socket.state() == State::open);
  CHECK(sent_texts(f.runtime.connection()) == Lines{"x"});
}

TEST_CASE("a server that talks is not pinged") {
  Beating f;
  for (int i = 0; i < 1'000; ++i) {
    f.runtime.advance(10s);
    f.runtime.connection().deliver_unshown();
  }
  CHECK(f.pings() == 0);
  CHECK(f.socket.state() == State::open);
}

TEST_CASE("while a ping is out, messages are shown to the core, and the first is the answer") {
  Beating f;
  CHECK(f.runtime.connection().granted().receive);
  f.runtime.advance(15s);
  REQUIRE(f.pings() == 1);
  CHECK_FALSE(f.runtime.connection().granted().receive);
  const auto pinged = 11'250ms;
  const auto sample = f.runtime.now() - pinged;
  CHECK(f.runtime.connection().deliver_text("anything"));
  CHECK(f.runtime.connection().granted().receive);
  REQUIRE(f.socket.stats().round_trip);
  CHECK(f.socket.stats().round_trip->last == sample);
  CHECK(f.socket.stats().round_trip->smoothed == sample);
  f.runtime.advance(11s);
  CHECK(f.pings() == 1);
  CHECK(f.socket.state() == State::open);
}

TEST_CASE("round trips are averaged as RFC 6298 does") {
  Heartbeat heartbeat({.interval = 400ms, .timeout = 1s});
  heartbeat.begin(0ms);
  auto now = 0ms;
  const auto trip = [&](std::chrono::milliseconds time) {
    while (heartbeat.look(now += heartbeat.next_look(), false, false) != Verdict::ping) continue;
    heartbeat.answered(now += time);
  };
  trip(80ms);
  CHECK(heartbeat.round_trip()->jitter == 40ms);
  trip(160ms);
  CHECK(heartbeat.round_trip()->last == 160ms);
  CHECK(heartbeat.round_trip()->smoothed == 90ms);
  CHECK(heartbeat.round_trip()->jitter == 50ms);
}

TEST_CASE("who was asleep asks once more before giving up, and asks at once") {
  Heartbeat heartbeat({.interval = 4s, .timeout = 1s});
  heartbeat.begin(0ms);
  CHECK(heartbeat.look(1s, true, false) == Verdict::wait);
  // An hour instead of a second: whatever was heard before it.
  CHECK(heartbeat.look(1h, true, false) == Verdict::ping);
  CHECK(heartbeat.look(2h, false, false) == Verdict::ping);
  CHECK(heartbeat.look(3h, false, false) == Verdict::dead);
}

TEST_CASE("an answer that is only seen at the next look is one, too") {
  Heartbeat heartbeat({.interval = 4s, .timeout = 1s});
  heartbeat.begin(0ms);
  for (int i = 1; i < 3; ++i) CHECK(heartbeat.look(i * 1'000ms, false, false) == Verdict::wait);
  CHECK(heartbeat.look(3s, false, false) == Verdict::ping);
  CHECK(heartbeat.look(4s, true, false) == Verdict::wait);
  CHECK_FALSE(heartbeat.awaits_answer());
}

TEST_CASE("a heartbeat ends with its connection, and with close") {
  Beating f;
  f.runtime.advance(15s);
  REQUIRE(f.pings() == 1);
  f.runtime.connection().drop();
  CHECK(f.last_error == ErrorCode::none);
  f.socket.connect();
  f.runtime.connection().take_grants();
  f.runtime.connection().accept();
  // The ping of the old connection is not awaited on the new one.
  f.runtime.advance(6s);
  CHECK(f.socket.state() == State::open);
  f.socket.close();
  f.runtime.advance(2s);
  CHECK(f.pings() == 0);
  f.runtime.connection().close(1000);
  CHECK(f.runtime.timers() == 0);
}

TEST_CASE("a ping waits for nobody: not for the platform's buffer, not for a batch") {
  Options options = beating();
  options.high_water_mark = 10;
  options.batch = steady::BatchOptions{};
  Beating f(std::move(options));
  f.runtime.connection().hold_buffer();
  f.socket.send("0123456789");
  f.socket.send(steady::Payload::json("1"));
  f.runtime.advance(15s);
  CHECK(sent_texts(f.runtime.connection()) == Lines{"0123456789", R"({"type":"ping"})"});
  CHECK(f.socket.queued_messages() == 1);
}

TEST_CASE("a C++ reader breaks the silence like any other") {
  Beating f;
  int heard = 0;
  const Subscription all = f.socket.on_message([&](const steady::Message&) { ++heard; });
  for (int i = 0; i < 10; ++i) {
    f.runtime.advance(10s);
    f.runtime.connection().deliver_text("x");
  }
  CHECK(heard == 10);
  CHECK(f.pings() == 0);
}

TEST_CASE("a slow network is not a dead one: what is still on its way and moves is waited for") {
  Beating f;
  f.runtime.connection().hold_buffer();
  f.socket.send(std::string(1'000, 'x'));
  f.runtime.advance(11'250ms);
  REQUIRE(f.pings() == 1);
  for (int i = 0; i < 10; ++i) {
    f.runtime.connection().drain(50);
    f.runtime.advance(5s);
    CHECK(f.socket.state() == State::open);
  }
  CHECK(f.pings() == 1);
  f.runtime.advance(5s);
  CHECK(f.socket.state() == State::waiting);
}

TEST_CASE("a heartbeat has bounds") {
  const auto refused = [](HeartbeatOptions heartbeat) {
    Options options = options_for_tests();
    options.heartbeat = std::move(heartbeat);
    return validate(options).code;
  };
  CHECK(refused({}) == ErrorCode::none);
  CHECK(refused({.interval = 1ms, .timeout = 1ms}) == ErrorCode::none);
  CHECK(refused({.interval = 0ms}) == ErrorCode::invalid_option);
  CHECK(refused({.interval = 25h}) == ErrorCode::invalid_option);
  CHECK(refused({.timeout = 0ms}) == ErrorCode::invalid_option);
  CHECK(refused({.timeout = 25h}) == ErrorCode::invalid_option);
  CHECK(refused({.message = ""}) == ErrorCode::invalid_option);
}
