// What a message may want of the queue, and what becomes of what the platform still had.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "allocations.hpp"
#include "catch.hpp"
#include "fixture.hpp"

using steady::DropReason;
using steady::Options;
using steady::Overflow;
using steady::Payload;
using steady::Priority;
using steady::SendStatus;
using steady::Unconfirmed;

namespace {

void is(const steady::SendResult& result, SendStatus status, DropReason reason) {
  CHECK(result.status == status);
  CHECK(result.reason == reason);
}

/// Connects, and gives what was sent then.
Lines sent_when_open(Fixture& f) {
  f.runtime.connection().accept();
  return sent_texts(f.runtime.connection());
}

}  // namespace

TEST_CASE("a message that is too old is dropped when it expires, and not before") {
  Fixture f;
  f.socket.send("stays");
  f.socket.send("late", {.ttl = 200ms});
  f.socket.send("early", {.ttl = 100ms});
  f.runtime.run_posted();
  f.recorder.take();
  f.runtime.advance(99ms);
  CHECK(f.recorder.take().empty());
  f.runtime.advance(1ms);
  CHECK(f.recorder.take() == Lines{"drop 3 expired early"});
  f.runtime.advance(100ms);
  CHECK(f.recorder.take() == Lines{"drop 2 expired late"});
  CHECK(sent_when_open(f) == Lines{"stays"});
  CHECK(f.runtime.timers() == 0);
}

TEST_CASE("a message of no time at all is sent now or expires") {
  Fixture f;
  f.recorder.take();
  f.socket.send("x", {.ttl = 0ms});
  f.runtime.advance(0ms);
  CHECK(f.recorder.take() == Lines{"state connecting", "drop 1 expired x"});
  f.opened();
  is(f.socket.send("y", {.ttl = 0ms}), SendStatus::sent, DropReason::none);
}

TEST_CASE("what has expired is not sent, even if its timer is late") {
  // A page that was frozen, say: the connection opens before the timer has fired.
  Fixture f;
  f.socket.send("old", {.ttl = 100ms});
  f.runtime.sleep(1min);
  CHECK(sent_when_open(f).empty());
}

TEST_CASE("a newer message with the same key takes the place of the older") {
  Fixture f;
  f.socket.send("a1", {.key = "a"});
  f.socket.send("b1", {.key = "b"});
  f.socket.send("plain");
  CHECK(f.socket.send("a2", {.key = "a"}).id == 4);
  f.runtime.run_posted();
  CHECK(f.recorder.take() == Lines{"state connecting", "drop 1 replaced a1"});
  CHECK(f.socket.queued_messages() == 3);
  CHECK(f.socket.buffered_amount() == 9);
  CHECK(sent_when_open(f) == Lines{"a2", "b1", "plain"});
}

TEST_CASE("a full queue takes a newer message with the same key, if it is not larger than fits") {
  Fixture f(with([](Options& o) {
    o.queue.max_messages = 2;
    o.queue.max_bytes = 4;
  }));
  f.socket.send("a1", {.key = "a"});
  f.socket.send("b1", {.key = "b"});
  is(f.socket.send("a2", {.key = "a"}), SendStatus::queued, DropReason::none);
  is(f.socket.send("a23", {.key = "a"}), SendStatus::rejected, DropReason::queue_full);
  CHECK(sent_when_open(f) == Lines{"a2", "b1"});
}

TEST_CASE("high priority goes first, each in its order") {
  Fixture f;
  f.socket.send("1");
  f.socket.send("first", {.priority = Priority::high});
  f.socket.send("2");
  f.socket.send("second", {.priority = Priority::high});
  CHECK(sent_when_open(f) == Lines{"first", "second", "1", "2"});
}

TEST_CASE("a volatile message is sent now or not at all") {
  Fixture f;
  is(f.socket.send("x", {.is_volatile = true}), SendStatus::dropped, DropReason::not_now);
  f.runtime.run_posted();
  CHECK(f.recorder.take() == Lines{"state connecting", "drop 0 not_now x"});
  f.opened();
  is(f.socket.send("y", {.is_volatile = true}), SendStatus::sent, DropReason::none);
  f.runtime.connection().hold_buffer();
  f.socket.send(std::string(2 << 20, 'x'));
  is(f.socket.send("z", {.is_volatile = true}), SendStatus::dropped, DropReason::not_now);
}

TEST_CASE("a message of one session does not reach the next") {
  Fixture f(with([](Options& o) { o.high_water_mark = 1; }));
  is(f.socket.send("none", {.session_only = true}), SendStatus::dropped, DropReason::session_ended);
  f.opened();
  is(f.socket.send("this", {.session_only = true}), SendStatus::sent, DropReason::none);
  f.runtime.connection().hold_buffer();
  f.socket.send("x");
  is(f.socket.send("waits", {.session_only = true}), SendStatus::queued, DropReason::none);
  f.socket.send("for the next");
  f.runtime.connection().drain();
  f.recorder.take();
  f.runtime.connection().drop();
  CHECK(f.recorder.take() ==
        Lines{"drop 1 session_ended waits", "state waiting", "close 1006 retry"});
  f.runtime.advance(1s);
  CHECK(sent_when_open(f) == Lines{"for the next"});
}

TEST_CASE("a message that waits can be taken back, once") {
  Fixture f;
  const auto id = f.socket.send("x").id;
  f.socket.send("y");
  CHECK(f.socket.cancel(id));
  CHECK_FALSE(f.socket.cancel(id));
  CHECK_FALSE(f.socket.cancel(0));
  CHECK_FALSE(f.socket.cancel(77));
  CHECK(sent_when_open(f) == Lines{"y"});
  CHECK_FALSE(f.socket.cancel(2));
  CHECK(f.recorder.take() == Lines{"state connecting", "drop 1 cancelled x", "state open", "open"});
}

TEST_CASE("an overflow drops the oldest, normal ones first, if that is the policy") {
  Fixture f(with([](Options& o) {
    o.queue = {.max_messages = 3, .max_bytes = 6, .overflow = Overflow::drop_oldest};
  }));
  f.socket.send("H1", {.priority = Priority::high});
  f.socket.send("n1");
  f.socket.send("n2");
  is(f.socket.send("n3"), SendStatus::queued, DropReason::none);
  is(f.socket.send("n456"), SendStatus::queued, DropReason::none);
  // Normal ones do not push out high ones.
  is(f.socket.send("7 bytes"), SendStatus::rejected, DropReason::queue_full);
  is(f.socket.send("n4567"), SendStatus::rejected, DropReason::queue_full);
  is(f.socket.send("H23456", {.priority = Priority::high}), SendStatus::queued, DropReason::none);
  f.runtime.run_posted();
  CHECK(f.recorder.take() == Lines{"state connecting", "drop 2 queue_full n1",
                                   "drop 3 queue_full n2", "drop 4 queue_full n3",
                                   "drop 0 queue_full 7 bytes", "drop 0 queue_full n4567",
                                   "drop 5 queue_full n456", "drop 1 queue_full H1"});
  CHECK(sent_when_open(f) == Lines{"H23456"});
}

TEST_CASE("an overflow drops the newest, if that is the policy") {
  Fixture f(
      with([](Options& o) { o.queue = {.max_messages = 1, .overflow = Overflow::drop_newest}; }));
  f.socket.send("1");
  is(f.socket.send("2"), SendStatus::dropped, DropReason::queue_full);
  CHECK(sent_when_open(f) == Lines{"1"});
}

TEST_CASE("sending goes on at the low-water mark") {
  Fixture f(with([](Options& o) {
    o.high_water_mark = 100;
    o.low_water_mark = 10;
  }));
  f.opened();
  f.runtime.connection().hold_buffer();
  f.socket.send(std::string(100, 'x'));
  f.socket.send("waits");
  f.runtime.connection().drain(89);
  f.runtime.advance(20ms);
  CHECK(f.socket.queued_messages() == 1);
  f.runtime.connection().drain(1);
  f.runtime.advance(20ms);
  CHECK(f.socket.queued_messages() == 0);
  // And on, up to the high-water mark.
  is(f.socket.send(std::string(84, 'x')), SendStatus::sent, DropReason::none);
  is(f.socket.send("x"), SendStatus::sent, DropReason::none);
  is(f.socket.send("x"), SendStatus::queued, DropReason::none);
}

TEST_CASE("what the platform still had is told when its connection ends") {
  Fixture f;
  f.opened();
  f.socket.send("on the wire");
  f.runtime.connection().hold_buffer();
  f.socket.send("1");
  f.socket.send("22");
  f.runtime.connection().drop();
  CHECK(f.recorder.take() == Lines{"drop 0 unconfirmed 1", "drop 0 unconfirmed 22", "state waiting",
                                   "close 1006 retry"});
  f.runtime.advance(1s);
  CHECK(sent_when_open(f).empty());
}

TEST_CASE("a message that is on the wire in part is told as well") {
  Fixture f;
  f.opened();
  f.runtime.connection().hold_buffer();
  f.socket.send("0123456789");
  f.socket.send("x");
  f.runtime.connection().drain(4);
  f.runtime.connection().drop();
  CHECK(f.recorder.take() == Lines{"drop 0 unconfirmed 0123456789", "drop 0 unconfirmed x",
                                   "state waiting", "close 1006 retry"});
}

TEST_CASE("what the platform still had goes first on the next connection, if that is asked for") {
  Fixture f(with([](Options& o) {
    o.queue.unconfirmed = Unconfirmed::requeue;
    o.first_message = "I";
    o.high_water_mark = 10;
  }));
  f.opened();
  f.runtime.connection().hold_buffer();
  f.socket.send("1");
  f.socket.send("this session's", {.session_only = true});
  f.socket.send("waits");
  f.socket.send("first", {.priority = Priority::high});
  f.runtime.connection().drop();
  CHECK(f.recorder.take() ==
        Lines{"drop 0 unconfirmed this session's", "state waiting", "close 1006 retry"});
  f.runtime.advance(1s);
  CHECK(sent_when_open(f) == Lines{"I", "first", "1", "waits"});
}

TEST_CASE("what is repeated keeps its time, its key and the queue's bounds") {
  Fixture f(with([](Options& o) {
    o.queue.unconfirmed = Unconfirmed::requeue;
    o.queue.max_messages = 2;
    o.high_water_mark = 20;
  }));
  f.opened();
  f.runtime.connection().hold_buffer();
  f.socket.send("no room for this");
  f.socket.send("old", {.ttl = 5s});
  f.socket.send("k1", {.key = "k"});
  REQUIRE(f.socket.send("k2", {.key = "k"}).status == SendStatus::queued);
  f.runtime.connection().drop();
  CHECK(f.recorder.take() == Lines{"drop 2 replaced k1", "drop 0 unconfirmed no room for this",
                                   "state waiting", "close 1006 retry"});
  f.runtime.advance(1s);
  f.runtime.advance(4s);
  CHECK(f.recorder.take() == Lines{"state connecting", "drop 3 expired old"});
  CHECK(sent_when_open(f) == Lines{"k2"});
}

TEST_CASE("what was sent without asking is given back in its order among the rest") {
  for (const bool again : {false, true}) {
    Fixture f(with([&](Options& o) {
      if (again) o.queue.unconfirmed = Unconfirmed::requeue;
    }));
    auto& connection = f.runtime.connection();
    connection.take_grants();
    f.opened();
    connection.hold_buffer();
    connection.send_unasked("1");
    f.socket.send("2");
    connection.send_unasked("3");
    connection.send_unasked("4");
    f.socket.send("5");
    connection.drain(1);
    connection.drop();
    f.recorder.take();
    f.runtime.advance(1s);
    CHECK(sent_when_open(f) == (again ? Lines{"2", "3", "4", "5"} : Lines{}));
  }
}

TEST_CASE("what is on the wire is not remembered for ever") {
  Fixture f;
  f.opened();
  f.runtime.connection().hold_buffer();
  // The buffer is never empty: a hundred bytes of the next message are always in it.
  const std::string kilobyte(1'000, 'x');
  // Without what the test's connection writes down, about one allocation a message.
  const auto remembered = [&, before = live_allocations()] {
    return live_allocations() - before - f.runtime.connection().sent().size();
  };
  std::size_t most = 0;
  for (int i = 0; i < 20'000; ++i) {
    f.runtime.connection().drain(f.socket.buffered_amount() > 100 ? 1'000 : 0);
    REQUIRE(f.socket.send(kilobyte).status == SendStatus::sent);
    most = std::max(most, remembered());
  }
  // What is remembered is looked through every 64 KB, and goes at the second look.
  CHECK(most < 2 * 2 * 80);
  f.runtime.connection().drop();
  CHECK(f.recorder.take() ==
        Lines{"drop 0 unconfirmed " + kilobyte, "state waiting", "close 1006 retry"});
}

TEST_CASE("a ping that was not sent is nobody's loss") {
  Fixture f(with([](Options& o) { o.heartbeat = steady::HeartbeatOptions{}; }));
  f.opened();
  f.runtime.connection().hold_buffer();
  f.runtime.notice(steady::Hint::wake);
  f.socket.send("mine");
  f.runtime.connection().drop();
  CHECK(f.recorder.take() == Lines{"drop 0 unconfirmed mine", "state waiting", "close 1006 retry"});
}

TEST_CASE("the end of a message that is tracked is told once") {
  Fixture f;
  Lines outcomes;
  const auto subscription = f.socket.on_outcome([&](const steady::Outcome& outcome) {
    outcomes.push_back(std::to_string(outcome.id) + " " + to_string(outcome.reason));
  });
  const auto sent = f.socket.send("goes", {.track = true});
  const auto cancelled = f.socket.send("comes back", {.track = true});
  f.socket.send("nobody asks");
  f.socket.cancel(cancelled.id);
  f.runtime.run_posted();
  CHECK(outcomes == Lines{"2 cancelled"});
  f.runtime.connection().hold_buffer();
  f.opened();
  f.runtime.advance(1s);
  CHECK(outcomes.size() == 1);
  f.runtime.connection().drain();
  f.runtime.advance(20ms);
  CHECK(outcomes == Lines{"2 cancelled", std::to_string(sent.id) + " none"});
  CHECK(f.runtime.timers() == 0);

  const auto direct = f.socket.send("at once", {.track = true});
  is(direct, SendStatus::sent, DropReason::none);
  CHECK(direct.id != 0);
  f.runtime.connection().drop();
  CHECK(outcomes.back() == std::to_string(direct.id) + " unconfirmed");
}

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
  is(f.socket.send("late"), SendStatus::rejected, DropReason::closed);
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
  CHECK(f.recorder.take() ==
        Lines{"state closing", "drop 0 unconfirmed x", "state closed", "close 4000"});
}

TEST_CASE("a batch after something that was sent unasked keeps its place in the ledger") {
  Fixture f(with([&](Options& o) {
    o.batch = steady::BatchOptions{};
    o.queue.unconfirmed = Unconfirmed::requeue;
  }));
  auto& connection = f.runtime.connection();
  connection.take_grants();
  f.opened();
  connection.hold_buffer();
  // A text goes alone and unasked, as bindings/src/socket.ts sends it.
  connection.send_unasked("text text text text text text text text");
  f.socket.send(Payload::external_json(7, 10, nullptr));
  f.socket.send(Payload::external_json(8, 10, nullptr));
  f.runtime.run_posted();
  connection.drain(39);  // The text is on the wire, the batch is not.
  connection.drop();
  f.runtime.advance(1s);
  f.runtime.connection().accept();
  f.runtime.run_posted();
  const auto& sent = f.runtime.connection().sent();
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].batch == std::vector<std::uint32_t>{7, 8});
}

TEST_CASE("empty messages are not remembered for ever") {
  Fixture f;
  f.opened();
  const auto before = live_allocations();
  for (int i = 0; i < 10'000; ++i) REQUIRE(f.socket.send("").status == SendStatus::sent);
  f.runtime.advance(1h);
  // The test's connection writes down: no allocation for an empty text.
  CHECK(live_allocations() - before < 2'000);
}

namespace {
int released = 0;
}

TEST_CASE("a large message that is on the wire is let go of, also if nothing follows it") {
  released = 0;
  Fixture f;
  f.opened();
  f.runtime.connection().hold_buffer();
  f.socket.send(Payload::external(steady::MessageKind::binary, 1, 100 << 20,
                                  [](std::uint32_t) { ++released; }));
  f.runtime.connection().drain();
  f.runtime.advance(1h);
  CHECK(released == 1);
}

TEST_CASE("what send_now has sent is in the ledger") {
  Fixture f;
  f.opened();
  f.runtime.connection().hold_buffer();
  f.socket.send("1");
  REQUIRE(f.socket.send_now(Payload::text("2")) == steady::TransportSend::taken);
  f.runtime.connection().drain(1);  // "1" is on the wire.
  f.runtime.connection().drop();
  CHECK(f.recorder.take() == Lines{"drop 0 unconfirmed 2", "state waiting", "close 1006 retry"});
}

TEST_CASE("a volatile message is sent although a frame is being filled") {
  Fixture f(with([](Options& o) { o.batch = steady::BatchOptions{}; }));
  f.opened();
  f.socket.send(Payload::json("1"));
  CHECK(f.socket.send(Payload::json("2"), {.is_volatile = true}).status == SendStatus::sent);
}
