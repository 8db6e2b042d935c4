// drained(), and closing with a flush.
#include <memory>
#include <vector>

#include "catch.hpp"
#include "fixture.hpp"

using steady::DropReason;
using steady::Options;
using steady::SendStatus;

TEST_CASE("drained is told when nothing waits any more, or that it will not be") {
  Fixture f;
  std::vector<steady::ErrorCode> told;
  const auto note = [&](const steady::Error& error) { told.push_back(error.code); };
  f.socket.drained(note);
  CHECK(told.empty());
  f.runtime.run_posted();
  CHECK(told.size() == 1);

  f.socket.send("x");
  f.socket.drained(note);
  f.runtime.connection().hold_buffer();
  f.opened();
  f.runtime.advance(1s);
  CHECK(told.size() == 1);
  f.runtime.connection().drain();
  f.runtime.advance(20ms);
  CHECK(told.size() == 2);
  CHECK(f.runtime.timers() == 0);

  f.socket.send("y");
  f.socket.drained(note);
  f.socket.close();
  f.runtime.connection().close(1005);
  f.socket.drained(note);
  f.runtime.run_posted();
  using steady::ErrorCode;
  CHECK(told == std::vector<ErrorCode>{ErrorCode::none, ErrorCode::none, ErrorCode::invalid_state,
                                       ErrorCode::invalid_state});
}

TEST_CASE("a handler that waits until all is drained may destroy the socket, or ask again") {
  steady::testing::ManualRuntime runtime;
  auto socket = std::make_unique<steady::Socket>(options_for_tests(), runtime);
  int told = 0;
  socket->drained([&](const steady::Error&) {
    ++told;
    socket->drained([&](const steady::Error&) {
      ++told;
      socket.reset();
    });
  });
  runtime.run_posted();
  CHECK(told == 2);
}

TEST_CASE("a flush sends what waits before it closes") {
  Fixture f;
  f.socket.send("1");
  CHECK_FALSE(f.socket.close({.code = 3000, .flush = true}));
  CHECK(f.socket.state() == State::closing);
  const steady::SendResult late = f.socket.send("late");
  CHECK(late.status == SendStatus::rejected);
  CHECK(late.reason == DropReason::closed);
  f.runtime.run_posted();
  CHECK(f.recorder.take() == Lines{"state connecting", "state closing", "drop 0 closed late"});
  // It takes another connection.
  f.runtime.connection().fail();
  f.runtime.advance(1s);
  f.runtime.connection().hold_buffer();
  f.runtime.connection().accept();
  CHECK_FALSE(f.runtime.connection().close_requested());
  f.runtime.connection().drain();
  f.runtime.advance(20ms);
  CHECK(f.runtime.connection().close_requested());
  CHECK(f.runtime.connection().close_code() == 3000);
  f.runtime.connection().close(3000);
  CHECK(f.recorder.take() ==
        Lines{"error connection_failed", "close 1006 retry", "open", "state closed", "close 3000"});
  CHECK(sent_texts(f.runtime.connection()) == Lines{"1"});
}

TEST_CASE("a flush ends with its deadline, or with another close") {
  for (const bool hasten : {false, true}) {
    Fixture f;
    f.runtime.connection().fail();
    f.socket.send("x");
    f.recorder.take();
    f.socket.close({.flush = true, .deadline = 500ms});
    f.socket.close({.flush = true, .deadline = 1h});
    f.runtime.fix_random(0.9);
    if (hasten) {
      f.socket.close();
      f.runtime.run_posted();
    } else {
      f.runtime.advance(499ms);
      CHECK(f.socket.state() == State::closing);
      f.runtime.advance(1ms);
    }
    CHECK(f.socket.state() == State::closed);
    CHECK(f.recorder.take().back() == "drop 1 closed x");
    CHECK(f.runtime.timers() == 0);
  }
}

TEST_CASE("a flush with nothing to send closes at once, and a bad deadline changes nothing") {
  Fixture f;
  f.opened();
  CHECK(f.socket.close({.flush = true, .deadline = 0ms}).code == steady::ErrorCode::invalid_option);
  CHECK(f.socket.state() == State::open);
  f.socket.close({.flush = true});
  CHECK(f.runtime.connection().close_requested());
}

TEST_CASE("during a flush messages are told, and the server is still asked for life") {
  Fixture f(with([](Options& o) { o.heartbeat = steady::HeartbeatOptions{}; }));
  f.opened();
  f.runtime.connection().hold_buffer();
  f.socket.send("x");
  f.socket.close({.flush = true, .deadline = 1min});
  CHECK(f.socket.is_receiving());
  CHECK(f.runtime.connection().deliver_text("late"));
  CHECK(f.recorder.take() == Lines{"state closing", "text late"});
  f.runtime.advance(30s);
  // Silent for too long: the flush goes on with another connection.
  CHECK(f.recorder.take().at(0) == "error heartbeat_timeout");
}

TEST_CASE("what a flush could not send when the server says its last word is told") {
  Fixture f;
  f.opened();
  f.runtime.connection().hold_buffer();
  f.socket.send("x");
  f.socket.close({.flush = true});
  f.recorder.take();
  f.runtime.connection().close(4000);
  CHECK(f.recorder.take() == Lines{"state closing", "drop 0 unconfirmed x", "error fatal_close",
                                   "state closed", "close 4000"});
}
