// When a Socket retries, and when it gives up.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "catch.hpp"
#include "fixture.hpp"

using steady::Options;
using steady::Socket;
using steady::Subscription;
using steady::TransportSend;
using steady::testing::ManualRuntime;

TEST_CASE("a failed attempt is reported, and another one follows after a delay") {
  Fixture f;
  f.runtime.fix_random(0.5);
  f.runtime.run_posted();
  CHECK(f.recorder.take() == Lines{"state connecting"});
  CHECK_FALSE(f.recorder.last_change.last_close);
  f.runtime.connection().fail();
  CHECK(f.recorder.take() == Lines{"error connection_failed", "state waiting", "close 1006 retry"});
  CHECK(f.recorder.last_change.retry_in == 500ms);
  REQUIRE(f.recorder.last_change.last_close);
  CHECK(f.recorder.last_change.last_close->code == 1006);
  CHECK(f.socket.retry_in() == 500ms);
  f.runtime.advance(200ms);
  CHECK(f.socket.retry_in() == 300ms);
  f.runtime.advance(300ms);
  CHECK(f.socket.state() == State::connecting);
  CHECK(f.socket.retry_in() == std::nullopt);
  CHECK(f.runtime.transports() == 2);
}

TEST_CASE("connect while waiting makes one attempt at once") {
  Fixture f;
  f.runtime.connection().fail();
  CHECK_FALSE(f.socket.connect());
  CHECK(f.socket.state() == State::connecting);
  CHECK(f.runtime.transports() == 2);
  f.runtime.connection().accept();
  f.runtime.advance(1h);
  CHECK(f.runtime.transports() == 2);
}

TEST_CASE("retry delays grow until a connection is stable") {
  Fixture f;
  f.runtime.fix_random(0.5);
  const auto next_delay = [&] {
    f.runtime.connection().drop();
    const auto delay = *f.socket.retry_in();
    f.runtime.advance(delay);
    return delay;
  };
  CHECK(next_delay() == 500ms);
  CHECK(next_delay() == 1'333ms);
  // Accepted and dropped at once: the delays must keep growing.
  f.runtime.connection().accept();
  CHECK(next_delay() == 2'666ms);
  f.runtime.connection().accept();
  f.runtime.advance(4'999ms);
  CHECK(next_delay() == 3'333ms);
  f.runtime.connection().accept();
  f.runtime.advance(5'000ms);
  CHECK(next_delay() == 500ms);
}

TEST_CASE("after the last attempt the socket closes with an error and drops its queue") {
  Fixture f(with([](Options& o) { o.reconnect.max_attempts = 2; }));
  const auto id = f.socket.send("waits").id;
  for (int i = 0; i < 2; ++i) {
    f.runtime.connection().fail();
    CHECK(f.socket.state() == State::waiting);
    f.runtime.advance_to_next_timer();
  }
  f.recorder.take();
  f.runtime.connection().fail();
  CHECK(f.recorder.take() == Lines{"error connection_failed", "error gave_up", "state closed",
                                   "close 1006", "drop " + std::to_string(id) + " closed waits"});
  CHECK_FALSE(f.runtime.advance_to_next_timer());
  CHECK(f.runtime.transports() == 3);
}

TEST_CASE("fatal close codes close the socket, others are retried") {
  for (const int code : {1002, 1003, 1007, 1008, 1009, 1010, 3000, 3003, 4000, 4401, 4999}) {
    INFO(code);
    Fixture f;
    f.opened().runtime.connection().close(static_cast<std::uint16_t>(code), "no");
    CHECK(f.socket.state() == State::closed);
    CHECK(f.recorder.last_close.code == code);
    CHECK(f.recorder.last_close.reason == "no");
  }
  for (const int code : {1000, 1001, 1005, 1006, 1011, 1012, 1013, 1014, 1015, 3001, 3999}) {
    INFO(code);
    Fixture f;
    f.opened().runtime.connection().close(static_cast<std::uint16_t>(code));
    CHECK(f.socket.state() == State::waiting);
  }
}

TEST_CASE("a connection lost right after waking is replaced without a delay, once") {
  Fixture f(with([](Options& options) { options.reconnect.stable_after = 1h; }));
  f.runtime.fix_random(0.5);
  f.opened();
  f.runtime.notice(steady::Hint::wake);
  f.runtime.advance(100ms);
  f.runtime.connection().fail();
  CHECK(f.socket.retry_in() == 0ms);
  f.runtime.advance(0ms);
  REQUIRE(f.runtime.transports() == 2);
  // Only once: the server may drop every connection.
  f.opened();
  f.runtime.connection().fail();
  CHECK(f.socket.retry_in() > 0ms);
}

TEST_CASE("an attempt that fails right after waking is repeated without a delay") {
  Fixture f;
  f.runtime.fix_random(0.5);
  f.runtime.notice(steady::Hint::wake);
  f.runtime.connection().fail();
  CHECK(f.socket.retry_in() == 0ms);
  f.runtime.advance(0ms);
  f.runtime.connection().fail();
  CHECK(f.socket.retry_in() > 0ms);
  // This attempt began after the program woke up.
  f.runtime.notice(steady::Hint::wake);
  REQUIRE(f.runtime.transports() == 3);
  f.runtime.connection().fail();
  CHECK(f.socket.retry_in() > 0ms);
}

TEST_CASE("a connection lost later after waking, or by its close code, follows the usual rules") {
  Fixture f;
  f.runtime.fix_random(0.5);
  f.opened();
  f.runtime.notice(steady::Hint::wake);
  f.runtime.advance(1s);
  f.runtime.connection().fail();
  CHECK(f.socket.retry_in() > 0ms);
  f.socket.connect();
  f.opened();
  f.runtime.notice(steady::Hint::wake);
  f.runtime.connection().close(1013, "retry-after=20");
  CHECK(f.socket.retry_in() >= 20s);
  f.socket.connect();
  f.opened();
  f.runtime.notice(steady::Hint::wake);
  f.runtime.connection().close(4000);
  CHECK(f.socket.state() == State::closed);
}

TEST_CASE(
    "over thousands of hours of a bad network, a message is sent once, in order, or reported") {
  const std::uint64_t seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  const auto chance = [&](int percent) {
    return std::uniform_int_distribution<int>(0, 99)(random) < percent;
  };

  ManualRuntime runtime(seed);
  Options options = options_for_tests();
  options.queue.max_messages = 20;
  Socket socket(options, runtime);
  std::vector<int> dropped;
  const Subscription drops = socket.on_drop([&](const steady::Drop& drop) {
    dropped.push_back(std::stoi(std::string(drop.payload.data())));
  });

  int next = 0;
  for (int round = 0; round < 20'000; ++round) {
    for (int i = 0; i < 3; ++i) socket.send(std::to_string(next++));
    if (socket.state() == State::connecting) {
      if (chance(50)) {
        runtime.connection().accept();
      } else if (chance(50)) {
        runtime.connection().fail();
      }
    } else if (socket.state() == State::open) {
      if (chance(10)) runtime.connection().answer_send_with(TransportSend::not_open);
      if (chance(30)) runtime.connection().drop();
    }
    runtime.advance(
        std::chrono::milliseconds(std::uniform_int_distribution<int>(0, 30'000)(random)));
  }

  std::vector<int> sent;
  for (std::size_t i = 0; i < runtime.transports(); ++i) {
    for (const auto& message : runtime.connection(i).sent())
      sent.push_back(std::stoi(message.data));
  }
  CHECK(std::is_sorted(sent.begin(), sent.end()));
  CHECK(runtime.transports() > 1'000);
  std::vector<int> all = sent;
  all.insert(all.end(), dropped.begin(), dropped.end());
  std::sort(all.begin(), all.end());
  CHECK(std::adjacent_find(all.begin(), all.end()) == all.end());
  CHECK(all.size() + socket.queued_messages() == static_cast<std::size_t>(next));
}
