// drained(), and closing with a flush.
#include <memory>
#include <vector>

#include "catch.hpp"
#include "fixture.hpp"

using steady::DropReason;
using steady::Options;
using steady::SendStatus;

TEST_CASE("drained() reports when the queue is empty, or fails when the socket is closed") {
  Fixture f;
  std::vector<steady::ErrorCode> results;
  const auto note = [&](const steady::Error& error) { results.push_back(error.code); };
  f.socket.drained(note);
  CHECK(results.empty());
  f.runtime.run_posted();
  CHECK(results.size() == 1);

  f.socket.send("x");
  f.socket.drained(note);
  f.runtime.connection().hold_buffer();
  f.opened();
  f.runtime.advance(1s);
  CHECK(results.size() == 1);
  f.runtime.connection().drain();
  f.runtime.advance(20ms);
  CHECK(results.size() == 2);
  CHECK(f.runtime.timers() == 0);

  f.socket.send("y");
  f.socket.drained(note);
  f.socket.close();
  f.runtime.connection().close(1005);
  f.socket.drained(note);
  f.runtime.run_posted();
  using steady::ErrorCode;
  CHECK(results == std::vector<ErrorCode>{ErrorCode::none, ErrorCode::none,
                                          ErrorCode::invalid_state, ErrorCode::invalid_state});
}

TEST_CASE("the callback of drained() may call it again, or destroy the socket") {
  steady::testing::ManualRuntime runtime;
  auto socket = std::make_unique<steady::Socket>(options_for_tests(), runtime);
  int calls = 0;
  socket->drained([&](const steady::Error&) {
    ++calls;
    socket->drained([&](const steady::Error&) {
      ++calls;
      socket.reset();
    });
  });
  runtime.run_posted();
  CHECK(calls == 2);
}

TEST_CASE("a close with a flush sends queued messages first") {
  Fixture f;
  f.socket.send("1");
  CHECK_FALSE(f.socket.close({.code = 3000, .flush = true}));
  CHECK(f.socket.state() == State::closing);
  const steady::SendResult late = f.socket.send("late");
  CHECK(late.status == SendStatus::rejected);
  CHECK(late.reason == DropReason::closed);
  f.runtime.run_posted();
  CHECK(f.recorder.take() == Lines{"state connecting", "state closing", "drop 0 closed late"});
  // Needs another connection.
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

TEST_CASE("a flush ends at its deadline, or at another close") {
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

TEST_CASE("a flush of an empty queue closes at once, and an invalid deadline has no effect") {
  Fixture f;
  f.opened();
  CHECK(f.socket.close({.flush = true, .deadline = 0ms}).code == steady::ErrorCode::invalid_option);
  CHECK(f.socket.state() == State::open);
  f.socket.close({.flush = true});
  CHECK(f.runtime.connection().close_requested());
}

TEST_CASE("during a flush messages are dispatched, and the heartbeat continues") {
  Fixture f(with([](Options& o) { o.heartbeat = steady::HeartbeatOptions{}; }));
  f.opened();
  f.runtime.connection().hold_buffer();
  f.socket.send("x");
  f.socket.close({.flush = true, .deadline = 1min});
  CHECK(f.socket.is_receiving());
  CHECK(f.runtime.connection().deliver_text("late"));
  CHECK(f.recorder.take() == Lines{"state closing", "text late"});
  f.runtime.advance(30s);
  // Heartbeat timeout: the flush continues on another connection.
  CHECK(f.recorder.take().at(0) == "error heartbeat_timeout");
}

TEST_CASE("messages that a flush could not send before a fatal close are reported") {
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
