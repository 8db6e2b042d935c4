// Closing: the handshake, its deadline, and messages still in the queue.
#include <string>

#include "catch.hpp"
#include "fixture.hpp"

using steady::DropReason;
using steady::ErrorCode;
using steady::Options;
using steady::SendStatus;

TEST_CASE("close sends a close frame, and completes with the server's") {
  Fixture f;
  f.opened();
  CHECK_FALSE(f.socket.close({.code = 4001, .reason = "bye"}));
  CHECK(f.socket.state() == State::closing);
  CHECK(f.runtime.connection().close_code() == 4001);
  CHECK(f.runtime.connection().close_reason() == "bye");
  CHECK(f.recorder.take().empty());
  f.runtime.run_posted();
  CHECK(f.recorder.take() == Lines{"state closing"});
  f.runtime.connection().close(4001, "bye");
  CHECK(f.recorder.take() == Lines{"state closed", "close 4001"});
  CHECK(f.runtime.timers() == 0);
}

TEST_CASE("close without a code sends a close frame without one") {
  Fixture f;
  f.opened().socket.close({.reason = "not sent without a code"});
  CHECK(f.runtime.connection().close_code() == 0);
  CHECK(f.runtime.connection().close_reason().empty());
}

TEST_CASE("close with an invalid code or reason is rejected and has no effect") {
  Fixture f;
  f.opened();
  CHECK(f.socket.close({.code = 1001}).code == ErrorCode::invalid_close_code);
  CHECK(f.socket.close({.code = 1000, .reason = std::string(124, 'x')}).code ==
        ErrorCode::invalid_close_reason);
  CHECK(f.socket.state() == State::open);
}

TEST_CASE("a close handshake without an answer is aborted after close_timeout") {
  Fixture f;
  f.opened().socket.close();
  f.runtime.advance(3s);
  CHECK(f.recorder.take() == Lines{"state closing", "state closed", "close 1006"});
  CHECK(f.recorder.last_close.reason == "the server did not answer the close frame");
  CHECK(f.runtime.connection().abandoned());
}

TEST_CASE("close sends the messages that wait for the platform's buffer") {
  Fixture f(with([](Options& o) { o.high_water_mark = 1; }));
  f.opened();
  f.runtime.connection().hold_buffer();
  for (const char* text : {"1", "2", "3"}) f.socket.send(text);
  CHECK(f.socket.queued_messages() == 2);
  f.socket.close();
  CHECK(sent_texts(f.runtime.connection()) == Lines{"1", "2", "3"});
}

TEST_CASE("close without a connection reports queued messages, and no attempt follows") {
  for (const bool waiting : {false, true}) {
    Fixture f;
    f.socket.send("1");
    f.socket.send("2");
    if (waiting) f.runtime.connection().fail();
    f.runtime.run_posted();
    f.recorder.take();
    f.socket.close({.code = 1000});
    if (!waiting) f.runtime.connection().fail();
    f.runtime.advance(1h);
    const Lines lines = f.recorder.take();
    REQUIRE(lines.size() >= 4);
    CHECK(Lines(lines.end() - 2, lines.end()) == Lines{"drop 1 closed 1", "drop 2 closed 2"});
    CHECK(f.runtime.transports() == 1);
    CHECK(f.recorder.last_close.code == (waiting ? 1000 : 1006));
  }
}

TEST_CASE("after close, messages are rejected and no event follows") {
  Fixture f;
  f.opened().socket.close();
  f.runtime.connection().close(1005);
  f.recorder.take();
  const auto result = f.socket.send("late");
  CHECK(result.status == SendStatus::rejected);
  CHECK(result.reason == DropReason::closed);
  CHECK_FALSE(f.socket.close());
  f.runtime.connection().deliver_text("x");
  f.runtime.connection().close(1000);
  f.runtime.advance(1h);
  CHECK(f.recorder.take() == Lines{"drop 0 closed late"});
}

TEST_CASE("close and reconnect with options out of range do nothing, and on_error reports it") {
  Fixture f;
  f.opened();
  CHECK(f.socket.close({.code = 1001}).code == steady::ErrorCode::invalid_close_code);
  CHECK(f.socket.reconnect({.code = 4000, .reason = std::string(124, 'x')}).code ==
        steady::ErrorCode::invalid_close_reason);
  f.runtime.run_posted();
  CHECK(f.recorder.take() == Lines{"error invalid_close_code", "error invalid_close_reason"});
  CHECK(f.socket.state() == State::open);
  CHECK(f.runtime.transports() == 1);
}
