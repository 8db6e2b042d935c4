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

/// An open connection with a heartbeat and without C++ readers of messages.
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

TEST_CASE("without a heartbeat no ping is sent and no timer runs") {
  Options options = beating();
  options.heartbeat.reset();
  Beating f(std::move(options));
  f.runtime.advance(1h);
  CHECK(f.runtime.connection().sent().empty());
  CHECK(f.runtime.timers() == 0);
  CHECK(f.socket.state() == State::open);
  CHECK_FALSE(f.socket.stats().round_trip);
}

TEST_CASE("a silent server is pinged within the interval, and times out after it") {
  // For every beginning of the silence.
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

TEST_CASE("a connection that timed out is replaced, and its late messages are dropped") {
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

TEST_CASE("a server that sends messages is not pinged") {
  Beating f;
  for (int i = 0; i < 1'000; ++i) {
    f.runtime.advance(10s);
    f.runtime.connection().deliver_unshown();
  }
  CHECK(f.pings() == 0);
  CHECK(f.socket.state() == State::open);
}

TEST_CASE("while a ping is unanswered, the core reads messages, and the first one answers it") {
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

TEST_CASE("round-trip times are averaged as in RFC 6298") {
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

TEST_CASE("after sleep, one more ping is sent, at once, before the connection times out") {
  const Settings settings{.heartbeat_interval = 4'000, .heartbeat_timeout = 1'000};
  Heartbeat heartbeat(settings, 0);
  CHECK(heartbeat.look(1'000, true, Flow::empty) == Verdict::wait);
  // An hour instead of a second, although a message was received.
  CHECK(heartbeat.look(hour, true, Flow::empty) == Verdict::ping);
  CHECK(heartbeat.look(2 * hour, false, Flow::empty) == Verdict::ping);
  CHECK(heartbeat.look(3 * hour, false, Flow::empty) == Verdict::silent);
}

TEST_CASE("a reply that is noticed only at the next check counts") {
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

TEST_CASE("a ping waits neither for the platform's buffer nor for an open batch") {
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

TEST_CASE("messages read in C++ count as received") {
  Beating f;
  int received = 0;
  const Subscription all = f.socket.on_message([&](const steady::Message&) { ++received; });
  for (int i = 0; i < 10; ++i) {
    f.runtime.advance(10s);
    f.runtime.connection().deliver_text("x");
  }
  CHECK(received == 10);
  CHECK(f.pings() == 0);
}

TEST_CASE("a ping does not time out while the platform's buffer is draining") {
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

TEST_CASE("a connection whose buffer does not drain for interval + timeout times out") {
  // The server sends messages all the time.
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
  // Messages sent meanwhile, by C++ or by the platform, only make the buffer grow.
  CHECK(stuck_after([](Beating& f) { f.socket.send("more"); }) == silent);
  CHECK(stuck_after([](Beating& f) { f.runtime.connection().send_unasked("more"); }) == silent);
  // Drains more slowly than it grows: the connection is alive.
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

TEST_CASE("after sleep, a buffer that did not drain has the full time again") {
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

TEST_CASE("with heartbeat.reply, only that reply counts, and a busy server is pinged too") {
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

TEST_CASE("a named reply is recognised at any place of a message, with any readers") {
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
        int received = 0;
        const auto receive = [&](const steady::Message&) { ++received; };
        if (subscribes == std::string("a type")) reader = f.socket.on("a type", receive);
        if (subscribes == std::string("the reply")) reader = f.socket.on(one.reply, receive);
        if (subscribes == std::string("everything")) reader = f.socket.on_message(receive);
        f.runtime.advance(15s);
        REQUIRE(f.pings() == 1);
        f.runtime.connection().deliver_text(one.text);
        CHECK(f.socket.stats().round_trip.has_value() == one.is_it);
        CHECK(f.last_error == ErrorCode::none);
        if (is_queued) f.socket.poll();
        CHECK((received > 0) == (subscribes == std::string("everything") ||
                                 (subscribes == std::string("the reply") && one.is_it &&
                                  one.reply == std::string("pong"))));
      }
    }
  }
}

TEST_CASE("code that reads messages outside the core reports a named reply itself") {
  auto options = std::make_unique<Options>(beating());
  options->heartbeat->reply = "pong";
  auto owned = std::make_unique<ManualRuntime>();
  ManualRuntime& runtime = *owned;
  Socket socket(std::move(owned), std::move(options));
  runtime.connection().take_grants();
  runtime.connection().accept();
  CHECK_FALSE(runtime.connection().granted().seeks_reply);
  // Too early: no ping was sent.
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

TEST_CASE("heartbeat options out of range are rejected") {
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
