#include "../../sdk/kernel/heartbeat.hpp"

#include <memory>
#include <optional>
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
using steady::kernel::Flow;
using steady::kernel::Heartbeat;
using steady::kernel::Settings;
using steady::testing::ManualRuntime;
using Verdict = Heartbeat::Verdict;

namespace {

constexpr double hour = 3'600'000;

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
  const Settings settings{.heartbeat_interval = 400, .heartbeat_timeout = 1'000};
  Heartbeat heartbeat(settings, 0);
  steady::kernel::RoundTrip measured;
  double now = 0;
  const auto trip = [&](double time) {
    while (heartbeat.look(now = heartbeat.due(), false, Flow::empty) != Verdict::ping) continue;
    add_sample(measured, heartbeat.answered(now += time));
  };
  trip(80);
  CHECK(measured.jitter == 40);
  trip(160);
  CHECK(measured.last == 160);
  CHECK(measured.smoothed == 90);
  CHECK(measured.jitter == 50);
}

TEST_CASE("who was asleep asks once more before giving up, and asks at once") {
  const Settings settings{.heartbeat_interval = 4'000, .heartbeat_timeout = 1'000};
  Heartbeat heartbeat(settings, 0);
  CHECK(heartbeat.look(1'000, true, Flow::empty) == Verdict::wait);
  // An hour instead of a second: whatever was heard before it.
  CHECK(heartbeat.look(hour, true, Flow::empty) == Verdict::ping);
  CHECK(heartbeat.look(2 * hour, false, Flow::empty) == Verdict::ping);
  CHECK(heartbeat.look(3 * hour, false, Flow::empty) == Verdict::silent);
}

TEST_CASE("an answer that is only seen at the next look is one, too") {
  const Settings settings{.heartbeat_interval = 4'000, .heartbeat_timeout = 1'000};
  Heartbeat heartbeat(settings, 0);
  for (int i = 1; i < 3; ++i) {
    CHECK(heartbeat.look(i * 1'000, false, Flow::empty) == Verdict::wait);
  }
  CHECK(heartbeat.look(3'000, false, Flow::empty) == Verdict::ping);
  CHECK(heartbeat.look(4'000, true, Flow::empty) == Verdict::wait);
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

TEST_CASE("what is sent and does not leave for interval + timeout is a dead connection") {
  // The server talks all the time.
  const auto stuck_after = [](auto&& each_second) {
    Beating f;
    f.runtime.connection().hold_buffer();
    f.runtime.advance(1s);
    f.socket.send("0123456789");
    auto time = 0s;
    while (f.socket.state() == State::open && time < 120s) {
      f.runtime.connection().deliver_unshown();
      f.runtime.advance(1s);
      ++time;
      each_second(f);
    }
    if (f.socket.state() == State::open) return 0s;
    CHECK(f.last_error == ErrorCode::heartbeat_timeout);
    CHECK(f.pings() == 0);
    return time;
  };
  const auto silent = stuck_after([](Beating&) {});
  CHECK(silent >= 20s);
  CHECK(silent <= 20s + 15s / 2);
  // What is sent meanwhile makes the buffer grow, whoever sends it.
  CHECK(stuck_after([](Beating& f) { f.socket.send("more"); }) == silent);
  CHECK(stuck_after([](Beating& f) { f.runtime.connection().send_unasked("more"); }) == silent);
  // Slower than what is added, and not dead.
  CHECK(stuck_after([](Beating& f) {
          f.runtime.connection().drain(1);
          f.socket.send("more");
        }) == 0s);
  CHECK(stuck_after([](Beating& f) {
          f.runtime.connection().drain(1);
          f.runtime.connection().send_unasked("more");
        }) == 0s);
  CHECK(stuck_after([](Beating& f) { f.runtime.connection().drain(); }) == 0s);
}

TEST_CASE("what was sent and could not leave while the device was asleep is given time") {
  const Settings settings{.heartbeat_interval = 4'000, .heartbeat_timeout = 1'000};
  Heartbeat heartbeat(settings, 0);
  CHECK(heartbeat.look(1'000, true, Flow::stuck) == Verdict::wait);
  CHECK(heartbeat.look(hour, true, Flow::stuck) == Verdict::ping);
  heartbeat.answered(hour);
  for (double now = hour + 1'000; now < hour + 5'000; now += 1'000) {
    CHECK(heartbeat.look(now, true, Flow::stuck) == Verdict::wait);
  }
  CHECK(heartbeat.look(hour + 5'000, true, Flow::stuck) == Verdict::stuck);
}

TEST_CASE("with a reply that is named, only that is an answer, and a server that talks is pinged") {
  Options options = beating();
  options.heartbeat->reply = "pong";
  Beating f(std::move(options));
  const auto talk = [&](std::chrono::seconds time) {
    for (auto i = 0s; i < time; i += 1s) {
      f.runtime.connection().deliver_unshown();
      f.runtime.connection().deliver_text(R"({"type":"tick"})");
      f.runtime.advance(1s);
    }
  };
  talk(15s);
  CHECK(f.pings() == 1);
  f.runtime.connection().deliver_text(R"({"type":"pong","at":1})");
  CHECK(f.socket.stats().round_trip);
  talk(15s);
  CHECK(f.pings() == 2);
  CHECK(f.socket.state() == State::open);
  talk(5s);
  CHECK(f.socket.state() != State::open);
  CHECK(f.last_error == ErrorCode::heartbeat_timeout);
}

TEST_CASE("a named reply is found wherever it stands, and whoever reads messages") {
  struct Case {
    const char* reply;
    std::string text;
    bool is_it;
  };
  const std::string padding(2'000, ' ');
  const Case cases[] = {
      {"pong", R"({"type":"pong"})", true},
      {"pong", R"({"id":[{"type":"x"}],"type":"pong"})", true},
      {"pong", R"({"type":"pong","text":")" + padding + "\"}", true},
      {"pong", R"({"text":")" + padding + R"(","type":"pong"})", true},
      {"PONG", "PONG", true},
      {"pong", R"([{"type":"a"},{"type":"pong"}])", true},
      {"pong", R"({"type":"pongs"})", false},
      {"pong", R"({"type":{"type":"pong"}})", false},
      {"pong", "pong ", false},
      {"pong", R"({"text":")" + padding + R"("})", false},
  };
  for (const bool is_queued : {false, true}) {
    for (const char* const subscribes : {"nothing", "a type", "the reply", "everything"}) {
      for (const Case& one : cases) {
        INFO(one.text << " with a reader of " << subscribes);
        Options options = beating();
        options.heartbeat->reply = one.reply;
        options.batch.emplace();
        if (is_queued) options.dispatch = steady::Dispatch::queued;
        Beating f(std::move(options));
        Subscription reader;
        int heard = 0;
        const auto hear = [&](const steady::Message&) { ++heard; };
        if (subscribes == std::string("a type")) reader = f.socket.on("a type", hear);
        if (subscribes == std::string("the reply")) reader = f.socket.on(one.reply, hear);
        if (subscribes == std::string("everything")) reader = f.socket.on_message(hear);
        f.runtime.advance(15s);
        REQUIRE(f.pings() == 1);
        f.runtime.connection().deliver_text(one.text);
        CHECK(f.socket.stats().round_trip.has_value() == one.is_it);
        CHECK(f.last_error == ErrorCode::none);
        if (is_queued) f.socket.poll();
        CHECK((heard > 0) == (subscribes == std::string("everything") ||
                              (subscribes == std::string("the reply") && one.is_it &&
                               one.reply == std::string("pong"))));
      }
    }
  }
}

TEST_CASE("what reads messages elsewhere says itself that a named reply has come") {
  auto options = std::make_unique<Options>(beating());
  options->heartbeat->reply = "pong";
  auto owned = std::make_unique<ManualRuntime>();
  ManualRuntime& runtime = *owned;
  Socket socket(std::move(owned), std::move(options));
  runtime.connection().take_grants();
  runtime.connection().accept();
  CHECK_FALSE(runtime.connection().granted().seeks_reply);
  // Too early: there was no ping.
  socket.heartbeat_answered();
  CHECK_FALSE(socket.stats().round_trip);
  runtime.advance(15s);
  CHECK(runtime.connection().granted().seeks_reply);
  CHECK(runtime.connection().granted().receive);
  socket.heartbeat_answered();
  CHECK_FALSE(runtime.connection().granted().seeks_reply);
  CHECK(socket.stats().round_trip);
  runtime.advance(15s);
  runtime.advance(5s);
  CHECK(socket.state() != State::open);
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
  CHECK(refused({.reply = std::string(256, 'x')}) == ErrorCode::none);
  CHECK(refused({.reply = std::string(257, 'x')}) == ErrorCode::invalid_option);
}
