// Options of a message: time to live, key, priority; overflow and tracking.
#include <string>

#include "catch.hpp"
#include "fixture.hpp"

using steady::DropReason;
using steady::Options;
using steady::Overflow;
using steady::Payload;
using steady::Priority;
using steady::SendStatus;

namespace {

void check(const steady::SendResult& result, SendStatus status, DropReason reason) {
  CHECK(result.status == status);
  CHECK(result.reason == reason);
}

}  // namespace

TEST_CASE("a queued message is dropped when its time to live has passed, and not before") {
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

TEST_CASE("a message with ttl 0 is sent at once or expires") {
  Fixture f;
  f.recorder.take();
  f.socket.send("x", {.ttl = 0ms});
  f.runtime.advance(0ms);
  CHECK(f.recorder.take() == Lines{"state connecting", "drop 1 expired x"});
  f.opened();
  check(f.socket.send("y", {.ttl = 0ms}), SendStatus::sent, DropReason::none);
}

TEST_CASE("an expired message is not sent, even if its timer is late") {
  // As in a page that was frozen: the connection opens before the timer has fired.
  Fixture f;
  f.socket.send("old", {.ttl = 100ms});
  f.runtime.sleep(1min);
  CHECK(sent_when_open(f).empty());
}

TEST_CASE("a newer message with the same key replaces the older in its place") {
  Fixture f;
  f.socket.send("a1", {.key = "a", .track = true});
  f.socket.send("b1", {.key = "b"});
  f.socket.send("plain");
  CHECK(f.socket.send("a2", {.key = "a"}).id == 4);
  f.runtime.run_posted();
  CHECK(f.recorder.take() == Lines{"state connecting", "drop 1 replaced a1"});
  CHECK(f.socket.queued_messages() == 3);
  CHECK(f.socket.buffered_amount() == 9);
  CHECK(sent_when_open(f) == Lines{"a2", "b1", "plain"});
}

TEST_CASE("a replaced message is not reported as a drop unless it is tracked") {
  Fixture f;
  Lines outcomes;
  f.socket
      .on_outcome([&](const steady::Outcome& outcome) {
        outcomes.push_back(std::to_string(outcome.id) + " " + to_string(outcome.reason));
      })
      .keep();
  f.socket.send("untracked", {.key = "a"});
  f.socket.send("tracked", {.key = "a", .track = true});
  f.socket.send("newest", {.key = "a"});
  f.runtime.run_posted();
  CHECK(f.recorder.take() == Lines{"state connecting", "drop 2 replaced tracked"});
  CHECK(outcomes == Lines{"2 replaced"});
  CHECK_FALSE(f.socket.cancel(1));
  CHECK(f.socket.queued_messages() == 1);
  CHECK(sent_when_open(f) == Lines{"newest"});
}

TEST_CASE("a full queue accepts a newer message with the same key if it fits") {
  Fixture f(with([](Options& o) {
    o.queue.max_messages = 2;
    o.queue.max_bytes = 4;
  }));
  f.socket.send("a1", {.key = "a"});
  f.socket.send("b1", {.key = "b"});
  check(f.socket.send("a2", {.key = "a"}), SendStatus::queued, DropReason::none);
  check(f.socket.send("a23", {.key = "a"}), SendStatus::rejected, DropReason::queue_full);
  CHECK(sent_when_open(f) == Lines{"a2", "b1"});
}

TEST_CASE("messages of high priority are sent first, each priority in its order") {
  Fixture f;
  f.socket.send("1");
  f.socket.send("first", {.priority = Priority::high});
  f.socket.send("2");
  f.socket.send("second", {.priority = Priority::high});
  CHECK(sent_when_open(f) == Lines{"first", "second", "1", "2"});
}

TEST_CASE("a volatile message is sent at once or dropped") {
  Fixture f;
  check(f.socket.send("x", {.is_volatile = true}), SendStatus::dropped, DropReason::not_now);
  f.runtime.run_posted();
  CHECK(f.recorder.take() == Lines{"state connecting", "drop 0 not_now x"});
  f.opened();
  check(f.socket.send("y", {.is_volatile = true}), SendStatus::sent, DropReason::none);
  f.runtime.connection().hold_buffer();
  f.socket.send(std::string(2 << 20, 'x'));
  check(f.socket.send("z", {.is_volatile = true}), SendStatus::dropped, DropReason::not_now);
}

TEST_CASE("a message with connection_only is not sent on the next connection") {
  Fixture f(with([](Options& o) { o.high_water_mark = 1; }));
  check(f.socket.send("none", {.connection_only = true}), SendStatus::dropped,
        DropReason::connection_ended);
  f.opened();
  check(f.socket.send("this", {.connection_only = true}), SendStatus::sent, DropReason::none);
  f.runtime.connection().hold_buffer();
  f.socket.send("x");
  check(f.socket.send("waits", {.connection_only = true}), SendStatus::queued, DropReason::none);
  f.socket.send("for the next");
  f.runtime.connection().drain();
  f.recorder.take();
  f.runtime.connection().drop();
  CHECK(f.recorder.take() ==
        Lines{"drop 1 connection_ended waits", "state waiting", "close 1006 retry"});
  f.runtime.advance(1s);
  CHECK(sent_when_open(f) == Lines{"for the next"});
}

TEST_CASE("a queued message can be cancelled, once") {
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

TEST_CASE("with drop_oldest, an overflow drops the oldest message, normal priority first") {
  Fixture f(with([](Options& o) {
    o.queue = {.max_messages = 3, .max_bytes = 6, .overflow = Overflow::drop_oldest};
  }));
  f.socket.send("H1", {.priority = Priority::high});
  f.socket.send("n1");
  f.socket.send("n2");
  check(f.socket.send("n3"), SendStatus::queued, DropReason::none);
  check(f.socket.send("n456"), SendStatus::queued, DropReason::none);
  // A message of normal priority does not displace one of high priority.
  check(f.socket.send("7 bytes"), SendStatus::rejected, DropReason::queue_full);
  check(f.socket.send("n4567"), SendStatus::rejected, DropReason::queue_full);
  check(f.socket.send("H23456", {.priority = Priority::high}), SendStatus::queued,
        DropReason::none);
  f.runtime.run_posted();
  CHECK(f.recorder.take() == Lines{"state connecting", "drop 2 queue_full n1",
                                   "drop 3 queue_full n2", "drop 4 queue_full n3",
                                   "drop 0 queue_full 7 bytes", "drop 0 queue_full n4567",
                                   "drop 5 queue_full n456", "drop 1 queue_full H1"});
  CHECK(sent_when_open(f) == Lines{"H23456"});
}

TEST_CASE("with drop_newest, an overflow drops the newest message") {
  Fixture f(
      with([](Options& o) { o.queue = {.max_messages = 1, .overflow = Overflow::drop_newest}; }));
  f.socket.send("1");
  check(f.socket.send("2"), SendStatus::dropped, DropReason::queue_full);
  CHECK(sent_when_open(f) == Lines{"1"});
}

TEST_CASE("sending continues at the low-water mark") {
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
  // Up to the high-water mark.
  check(f.socket.send(std::string(84, 'x')), SendStatus::sent, DropReason::none);
  check(f.socket.send("x"), SendStatus::sent, DropReason::none);
  check(f.socket.send("x"), SendStatus::queued, DropReason::none);
}

TEST_CASE("the outcome of a tracked message is reported once") {
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
  check(direct, SendStatus::sent, DropReason::none);
  CHECK(direct.id != 0);
  f.runtime.connection().drop();
  CHECK(outcomes.back() == std::to_string(direct.id) + " unconfirmed");
}

TEST_CASE("a volatile message is sent while a batch is open") {
  Fixture f(with([](Options& o) { o.batch = steady::BatchOptions{}; }));
  f.opened();
  f.socket.send(Payload::json("1"));
  CHECK(f.socket.send(Payload::json("2"), {.is_volatile = true}).status == SendStatus::sent);
}
