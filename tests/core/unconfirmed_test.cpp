// Messages in the platform's buffer when the connection ends.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "allocations.hpp"
#include "catch.hpp"
#include "fixture.hpp"

using steady::Options;
using steady::Payload;
using steady::Priority;
using steady::SendStatus;
using steady::Unconfirmed;

TEST_CASE("messages left in the platform's buffer are reported when their connection ends") {
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

TEST_CASE("a partly sent message is reported as well") {
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

TEST_CASE("with Unconfirmed::requeue, unconfirmed messages are sent first on the next connection") {
  Fixture f(with([](Options& o) {
    o.queue.unconfirmed = Unconfirmed::requeue;
    o.first_message = "I";
    o.high_water_mark = 10;
  }));
  f.opened();
  f.runtime.connection().hold_buffer();
  f.socket.send("1");
  f.socket.send("this connection's", {.connection_only = true});
  f.socket.send("waits");
  f.socket.send("first", {.priority = Priority::high});
  f.runtime.connection().drop();
  CHECK(f.recorder.take() ==
        Lines{"drop 0 unconfirmed this connection's", "state waiting", "close 1006 retry"});
  f.runtime.advance(1s);
  CHECK(sent_when_open(f) == Lines{"I", "first", "1", "waits"});
}

TEST_CASE("a requeued message keeps its ttl and key, and counts in the queue's limits") {
  Fixture f(with([](Options& o) {
    o.queue.unconfirmed = Unconfirmed::requeue;
    o.queue.max_messages = 2;
    o.high_water_mark = 20;
  }));
  f.opened();
  f.runtime.connection().hold_buffer();
  f.socket.send("no room for this");
  f.socket.send("old", {.ttl = 5s});
  f.socket.send("k1", {.key = "k", .track = true});
  REQUIRE(f.socket.send("k2", {.key = "k"}).status == SendStatus::queued);
  f.runtime.connection().drop();
  CHECK(f.recorder.take() == Lines{"drop 1 replaced k1", "drop 0 unconfirmed no room for this",
                                   "state waiting", "close 1006 retry"});
  f.runtime.advance(1s);
  f.runtime.advance(4s);
  CHECK(f.recorder.take() == Lines{"state connecting", "drop 3 expired old"});
  CHECK(sent_when_open(f) == Lines{"k2"});
}

TEST_CASE("messages sent on credit are requeued in order with the others") {
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

TEST_CASE("records of sent messages are freed even if the buffer never drains completely") {
  Fixture f;
  f.opened();
  f.runtime.connection().hold_buffer();
  // The buffer is never empty: a hundred bytes of the next message are always in it.
  const std::string kilobyte(1'000, 'x');
  // Excludes the fake connection's record, about one allocation a message.
  const auto entries = [&, before = live_allocations()] {
    return live_allocations() - before - f.runtime.connection().sent().size();
  };
  std::size_t most = 0;
  for (int i = 0; i < 20'000; ++i) {
    f.runtime.connection().drain(f.socket.buffered_amount() > 100 ? 1'000 : 0);
    REQUIRE(f.socket.send(kilobyte).status == SendStatus::sent);
    most = std::max(most, entries());
  }
  // The ledger is checked every 64 KB, and an entry is removed at the second check.
  CHECK(most < 2 * 2 * 80);
  f.runtime.connection().drop();
  CHECK(f.recorder.take() ==
        Lines{"drop 0 unconfirmed " + kilobyte, "state waiting", "close 1006 retry"});
}

TEST_CASE("an unconfirmed ping is not reported") {
  Fixture f(with([](Options& o) { o.heartbeat = steady::HeartbeatOptions{}; }));
  f.opened();
  f.runtime.connection().hold_buffer();
  f.runtime.notice(steady::Hint::wake);
  f.socket.send("mine");
  f.runtime.connection().drop();
  CHECK(f.recorder.take() == Lines{"drop 0 unconfirmed mine", "state waiting", "close 1006 retry"});
}

TEST_CASE("a batch after a message sent on credit keeps its place in the ledger") {
  Fixture f(with([&](Options& o) {
    o.batch = steady::BatchOptions{};
    o.queue.unconfirmed = Unconfirmed::requeue;
  }));
  auto& connection = f.runtime.connection();
  connection.take_grants();
  f.opened();
  connection.hold_buffer();
  // A text message is sent alone on credit, as by bindings/src/socket.ts.
  connection.send_unasked("text text text text text text text text");
  f.socket.send(Payload::external_json(7, 10, nullptr));
  f.socket.send(Payload::external_json(8, 10, nullptr));
  f.runtime.run_posted();
  connection.drain(39);  // The message is sent, the batch is not.
  connection.drop();
  f.runtime.advance(1s);
  f.runtime.connection().accept();
  f.runtime.run_posted();
  const auto& sent = f.runtime.connection().sent();
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].batch == std::vector<std::uint32_t>{7, 8});
}

TEST_CASE("empty messages are forgotten after they are sent") {
  Fixture f;
  f.opened();
  const auto before = live_allocations();
  for (int i = 0; i < 10'000; ++i) REQUIRE(f.socket.send("").status == SendStatus::sent);
  f.runtime.advance(1h);
  // The fake connection's record of an empty string allocates nothing.
  CHECK(live_allocations() - before < 2'000);
}

namespace {
int released = 0;
}

TEST_CASE("a large message is released after it is sent, also if no other follows") {
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

TEST_CASE("a sent volatile message is in the ledger") {
  Fixture f;
  f.opened();
  f.runtime.connection().hold_buffer();
  f.socket.send("1");
  REQUIRE(f.socket.send("2", {.is_volatile = true}).status == SendStatus::sent);
  f.runtime.connection().drain(1);  // "1" is sent.
  f.runtime.connection().drop();
  CHECK(f.recorder.take() == Lines{"drop 0 unconfirmed 2", "state waiting", "close 1006 retry"});
}
