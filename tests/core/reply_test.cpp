// Messages that expect a reply: kept until the reply, or the end of their connection.
#include <memory>
#include <string>

#include "allocations.hpp"
#include "catch.hpp"
#include "fixture.hpp"

using steady::Payload;
using steady::SendStatus;
using steady::Unanswered;

namespace {

/// A socket whose outcomes are recorded.
struct Replies : Fixture {
  explicit Replies(steady::Options options = options_for_tests()) : Fixture(std::move(options)) {}

  std::uint32_t request(std::string_view text, Unanswered unanswered = Unanswered::report) {
    return socket.send(text, {.reply = unanswered}).id;
  }
  /// The outcomes since the last call.
  Lines outcomes() {
    runtime.run_posted();
    return std::exchange(outcomes_, {});
  }
  Lines sent() { return sent_texts(runtime.connection()); }
  void is_open_again() {
    runtime.advance(10s);
    runtime.connection().accept();
  }

 private:
  Lines outcomes_;
  steady::Subscription subscription_ = socket.on_outcome([this](const steady::Outcome& outcome) {
    outcomes_.push_back(std::to_string(outcome.id) + " " + to_string(outcome.reason));
  });
};

}  // namespace

TEST_CASE("a message with a reply has no outcome") {
  Replies f;
  f.opened();
  const auto result = f.socket.send("?", {.reply = Unanswered::report});
  CHECK(result.status == SendStatus::sent);
  REQUIRE(result.id == 1);
  CHECK(f.socket.answered(1));
  CHECK_FALSE(f.socket.answered(1));
  f.runtime.connection().drop();
  CHECK(f.outcomes().empty());
}

TEST_CASE("a reply long after its message was sent is accepted") {
  Replies f;
  f.opened();
  const auto id = f.request("?");
  f.runtime.advance(1min);
  CHECK(f.outcomes().empty());
  CHECK(f.socket.answered(id));
  CHECK_FALSE(f.socket.answered(id));
}

TEST_CASE("a reply to a message known to be sent is accepted once") {
  Replies f;
  f.opened();
  const auto id = f.request("?", Unanswered::repeat);
  // Tracking reads buffered_amount, which shows that the other message was sent as well.
  const auto tracked = f.socket.send("tracked", {.track = true}).id;
  CHECK_FALSE(f.socket.answered(tracked));
  f.runtime.advance(1s);
  CHECK(f.outcomes() == Lines{"2 none"});
  CHECK(f.socket.answered(id));
  CHECK_FALSE(f.socket.answered(id));
  f.runtime.connection().drop();
  f.is_open_again();
  CHECK(f.sent().empty());
  CHECK(f.outcomes().empty());
}

TEST_CASE("a reply to a message that may still be in the platform's buffer is accepted") {
  Replies f(with([](steady::Options& o) { o.queue.unconfirmed = steady::Unconfirmed::requeue; }));
  f.opened();
  f.socket.send("has left");
  f.runtime.connection().hold_buffer();
  f.socket.send("before");
  CHECK(f.socket.answered(f.request("?", Unanswered::repeat)));
  CHECK(f.socket.answered(f.request("?")));
  f.socket.send("after");
  f.recorder.take();
  f.runtime.connection().drop();
  CHECK(f.outcomes().empty());
  CHECK(f.recorder.take() == Lines{"state waiting", "close 1006 retry"});
  f.is_open_again();
  CHECK(f.sent() == Lines{"before", "after"});
}

TEST_CASE("buffered_amount is not polled for replies") {
  Replies f;
  f.opened();
  CHECK(f.socket.answered(f.request("1")));
  f.request("2");
  CHECK(f.runtime.timers() == 0);
}

TEST_CASE("a reply to one message of a batch answers only that message") {
  Replies f(with([](steady::Options& o) {
    o.batch = steady::BatchOptions{};
    o.queue.unconfirmed = steady::Unconfirmed::requeue;
  }));
  f.opened();
  f.socket.send("has left");
  f.runtime.connection().hold_buffer();
  f.socket.send(Payload::json("{\"n\":1}"));
  const auto id = f.socket.send(Payload::json("{\"n\":2}"), {.reply = Unanswered::repeat}).id;
  f.runtime.run_posted();
  CHECK(f.socket.answered(id));
  f.runtime.connection().drop();
  f.is_open_again();
  CHECK(f.sent() == Lines{"{\"n\":1}"});
  CHECK(f.outcomes().empty());
}

TEST_CASE("a message without a reply is reported as unanswered once when its connection ends") {
  Replies f;
  f.opened();
  f.request("1");
  f.runtime.advance(1s);
  f.request("2");
  f.recorder.take();
  f.runtime.connection().drop();
  CHECK(f.outcomes() == Lines{"1 unanswered", "2 unanswered"});
  // The messages were sent: none is dropped.
  CHECK(f.recorder.take() == Lines{"state waiting", "close 1006 retry"});
  f.is_open_again();
  CHECK(f.sent().empty());
  CHECK(f.outcomes().empty());
}

TEST_CASE("a request still in the platform's buffer is dropped as unconfirmed") {
  Replies f;
  f.opened();
  f.runtime.connection().hold_buffer();
  f.request("?");
  f.recorder.take();
  f.runtime.connection().drop();
  CHECK(f.outcomes() == Lines{"1 unconfirmed"});
  CHECK(f.recorder.take() == Lines{"drop 1 unconfirmed ?", "state waiting", "close 1006 retry"});
}

TEST_CASE("repeated requests are sent first on the next connection, in order") {
  Replies f;
  f.opened();
  f.request("1", Unanswered::repeat);
  f.request("given up");
  f.runtime.advance(1s);
  f.runtime.connection().hold_buffer();
  const auto second = f.request("2", Unanswered::repeat);
  f.runtime.connection().drop();
  f.socket.send("waits");
  CHECK(f.outcomes() == Lines{"2 unanswered"});
  f.is_open_again();
  CHECK(f.sent() == Lines{"1", "2", "waits"});
  CHECK(f.socket.answered(second));
  f.runtime.connection().drop();
  f.is_open_again();
  CHECK(f.sent() == Lines{"1"});
  CHECK(f.socket.answered(1));
  CHECK(f.outcomes().empty());
}

TEST_CASE("queue.unconfirmed applies only to messages that expect no reply") {
  Replies f(with([](steady::Options& o) { o.queue.unconfirmed = steady::Unconfirmed::requeue; }));
  f.opened();
  f.runtime.connection().hold_buffer();
  f.socket.send("plain");
  f.request("?");
  f.runtime.connection().drop();
  CHECK(f.outcomes() == Lines{"1 unconfirmed"});
  f.is_open_again();
  CHECK(f.sent() == Lines{"plain"});
}

TEST_CASE("a queued request can be cancelled, and has no reply yet") {
  Replies f;
  const auto id = f.request("?");
  CHECK_FALSE(f.socket.answered(id));
  CHECK(f.socket.cancel(id));
  CHECK(f.outcomes() == Lines{"1 cancelled"});
}

TEST_CASE("a request that expires is reported, and one without room is rejected") {
  Replies f(with([](steady::Options& o) { o.queue.max_messages = 1; }));
  f.socket.send("?", {.ttl = 100ms, .reply = Unanswered::repeat});
  CHECK(f.request("no room") == 0);
  f.runtime.advance(100ms);
  CHECK(f.outcomes() == Lines{"1 expired"});
}

TEST_CASE("a request that the full queue cannot repeat is reported as unanswered") {
  Replies f(with([](steady::Options& o) { o.queue.max_messages = 1; }));
  f.opened();
  f.request("1", Unanswered::repeat);
  f.request("2", Unanswered::repeat);
  f.runtime.advance(1s);
  f.runtime.connection().drop();
  CHECK(f.outcomes() == Lines{"1 unanswered"});
  f.is_open_again();
  CHECK(f.sent() == Lines{"2"});
}

TEST_CASE("closing the socket reports its requests as unanswered") {
  Replies f;
  f.opened();
  f.request("1", Unanswered::repeat);
  f.request("2");
  f.runtime.advance(1s);
  f.socket.close();
  CHECK(f.outcomes().empty());
  f.runtime.connection().close(1000);
  CHECK(f.outcomes() == Lines{"1 unanswered", "2 unanswered"});
}

TEST_CASE("a flush does not wait for replies") {
  Replies f;
  f.opened();
  f.request("?");
  f.socket.close({.flush = true});
  CHECK(f.runtime.connection().close_requested());
}

TEST_CASE("answered requests take no memory") {
  Replies f;
  f.opened();
  const auto before = live_allocations();
  for (int i = 0; i < 20'000; ++i) REQUIRE(f.socket.answered(f.request("?")));
  f.runtime.advance(1min);
  CHECK(live_allocations() - before < 3'000);
  f.socket.send("last");
  CHECK(f.outcomes().empty());
}

TEST_CASE("no outcome is reported after the socket is destroyed") {
  steady::testing::ManualRuntime runtime;
  Lines outcomes;
  {
    steady::Socket socket(options_for_tests(), runtime);
    const auto subscription =
        socket.on_outcome([&](const steady::Outcome&) { outcomes.emplace_back("outcome"); });
    runtime.connection().accept();
    socket.send("?", {.reply = Unanswered::report});
  }
  runtime.advance(1min);
  CHECK(outcomes.empty());
}

TEST_CASE("a newer message with the same key replaces a request that would be repeated") {
  Replies f;
  f.opened();
  f.socket.send("old", {.key = "k", .reply = Unanswered::repeat});
  f.runtime.advance(1s);
  f.runtime.connection().drop();
  f.socket.send("new", {.key = "k", .reply = Unanswered::repeat});
  CHECK(f.outcomes() == Lines{"1 replaced"});
  f.is_open_again();
  CHECK(f.sent() == Lines{"new"});
}

TEST_CASE("volatile and connection_only requests are not repeated") {
  Replies f;
  f.opened();
  f.socket.send("1", {.is_volatile = true, .reply = Unanswered::repeat});
  f.socket.send("2", {.connection_only = true, .reply = Unanswered::repeat});
  f.runtime.advance(1s);
  f.runtime.connection().hold_buffer();
  f.socket.send("3", {.is_volatile = true, .reply = Unanswered::repeat});
  f.socket.send("4", {.connection_only = true, .reply = Unanswered::repeat});
  f.runtime.connection().drop();
  CHECK(f.outcomes() == Lines{"1 unanswered", "2 unanswered", "3 unconfirmed", "4 unconfirmed"});
  f.is_open_again();
  CHECK(f.sent().empty());
}

TEST_CASE("a request waiting to be repeated expires like any other message") {
  Replies f;
  f.opened();
  f.socket.send("?", {.ttl = 2s, .reply = Unanswered::repeat});
  f.runtime.advance(1s);
  f.runtime.connection().drop();
  f.runtime.advance(1500ms);
  CHECK(f.outcomes() == Lines{"1 expired"});
}

TEST_CASE("the messages of an unconfirmed batch are repeated, reported or dropped one by one") {
  Replies f(with([](steady::Options& o) {
    o.batch.emplace();
    o.queue.unconfirmed = steady::Unconfirmed::requeue;
  }));
  f.opened();
  f.runtime.connection().hold_buffer();
  f.socket.send(steady::Payload::json("1"), {.reply = Unanswered::repeat});
  f.socket.send(steady::Payload::json("2"), {.reply = Unanswered::report});
  f.socket.send(steady::Payload::json("3"), {.reply = Unanswered::repeat});
  f.socket.send(steady::Payload::json("4"));
  f.runtime.run_posted();
  CHECK(f.sent() == Lines{"[1,2,3,4]"});
  CHECK(f.socket.answered(3));
  f.runtime.connection().drop();
  CHECK(f.outcomes() == Lines{"2 unconfirmed"});
  f.is_open_again();
  f.runtime.run_posted();
  CHECK(f.sent() == Lines{"[1,4]"});
  CHECK(f.socket.answered(1));
}

TEST_CASE("a handler of outcomes may answer, cancel, send and destroy the socket") {
  steady::testing::ManualRuntime runtime;
  auto socket = std::make_unique<steady::Socket>(options_for_tests(), runtime);
  int calls = 0;
  const auto subscription = socket->on_outcome([&](const steady::Outcome& outcome) {
    CHECK_FALSE(socket->answered(outcome.id));
    socket->cancel(outcome.id + 1);
    socket->send("again", {.reply = Unanswered::repeat});
    if (++calls == 2) socket.reset();
  });
  runtime.connection().accept();
  for (int i = 0; i < 3; ++i) socket->send("?", {.reply = Unanswered::report});
  runtime.connection().drop();
  runtime.advance(1min);
  CHECK(calls == 2);
}
