// Messages that expect a reply: kept until it has come, or their connection ends.
#include <memory>
#include <string>

#include "allocations.hpp"
#include "catch.hpp"
#include "fixture.hpp"

using steady::Payload;
using steady::SendStatus;
using steady::Unanswered;

namespace {

/// A socket whose outcomes are written down.
struct Replies : Fixture {
  explicit Replies(steady::Options options = options_for_tests()) : Fixture(std::move(options)) {}

  std::uint32_t asks(std::string_view text, Unanswered unanswered = Unanswered::report) {
    return socket.send(text, {.reply = unanswered}).id;
  }
  /// What is told of them since the last time.
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

TEST_CASE("a message whose reply has come is done with: nothing more is told of it") {
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

TEST_CASE("a reply that comes long after the message has left is a reply") {
  Replies f;
  f.opened();
  const auto id = f.asks("?");
  f.runtime.advance(1min);
  CHECK(f.outcomes().empty());
  CHECK(f.socket.answered(id));
  CHECK_FALSE(f.socket.answered(id));
}

TEST_CASE("a reply to what is known to have left is a reply, and the only one") {
  Replies f;
  f.opened();
  const auto id = f.asks("?", Unanswered::repeat);
  // That is looked for in the platform's buffer, and finds that the other has left, too.
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

TEST_CASE("a reply to what the platform still had, as far as is known, is a reply") {
  Replies f(with([](steady::Options& o) { o.queue.unconfirmed = steady::Unconfirmed::requeue; }));
  f.opened();
  f.socket.send("has left");
  f.runtime.connection().hold_buffer();
  f.socket.send("before");
  CHECK(f.socket.answered(f.asks("?", Unanswered::repeat)));
  CHECK(f.socket.answered(f.asks("?")));
  f.socket.send("after");
  f.recorder.take();
  f.runtime.connection().drop();
  CHECK(f.outcomes().empty());
  CHECK(f.recorder.take() == Lines{"state waiting", "close 1006 retry"});
  f.is_open_again();
  CHECK(f.sent() == Lines{"before", "after"});
}

TEST_CASE("the platform's buffer is not looked at for replies") {
  Replies f;
  f.opened();
  CHECK(f.socket.answered(f.asks("1")));
  f.asks("2");
  CHECK(f.runtime.timers() == 0);
}

TEST_CASE("a reply to one of a batch is for that one only") {
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

TEST_CASE("a message without a reply is given up with its connection, and told once") {
  Replies f;
  f.opened();
  f.asks("1");
  f.runtime.advance(1s);
  f.asks("2");
  f.recorder.take();
  f.runtime.connection().drop();
  CHECK(f.outcomes() == Lines{"1 unanswered", "2 unanswered"});
  // It was sent: nothing is dropped.
  CHECK(f.recorder.take() == Lines{"state waiting", "close 1006 retry"});
  f.is_open_again();
  CHECK(f.sent().empty());
  CHECK(f.outcomes().empty());
}

TEST_CASE("one that the platform still had is dropped as unconfirmed") {
  Replies f;
  f.opened();
  f.runtime.connection().hold_buffer();
  f.asks("?");
  f.recorder.take();
  f.runtime.connection().drop();
  CHECK(f.outcomes() == Lines{"1 unconfirmed"});
  CHECK(f.recorder.take() == Lines{"drop 1 unconfirmed ?", "state waiting", "close 1006 retry"});
}

TEST_CASE("those that are repeated go first on the next connection, in their order") {
  Replies f;
  f.opened();
  f.asks("1", Unanswered::repeat);
  f.asks("given up");
  f.runtime.advance(1s);
  f.runtime.connection().hold_buffer();
  const auto second = f.asks("2", Unanswered::repeat);
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

TEST_CASE("what unconfirmed messages do is for those without a reply only") {
  Replies f(with([](steady::Options& o) { o.queue.unconfirmed = steady::Unconfirmed::requeue; }));
  f.opened();
  f.runtime.connection().hold_buffer();
  f.socket.send("plain");
  f.asks("?");
  f.runtime.connection().drop();
  CHECK(f.outcomes() == Lines{"1 unconfirmed"});
  f.is_open_again();
  CHECK(f.sent() == Lines{"plain"});
}

TEST_CASE("one that waits can be cancelled, and does not wait for a reply yet") {
  Replies f;
  const auto id = f.asks("?");
  CHECK_FALSE(f.socket.answered(id));
  CHECK(f.socket.cancel(id));
  CHECK(f.outcomes() == Lines{"1 cancelled"});
}

TEST_CASE("one that expires, or has no room, is told") {
  Replies f(with([](steady::Options& o) { o.queue.max_messages = 1; }));
  f.socket.send("?", {.ttl = 100ms, .reply = Unanswered::repeat});
  CHECK(f.asks("no room") == 0);
  f.runtime.advance(100ms);
  CHECK(f.outcomes() == Lines{"1 expired"});
}

TEST_CASE("one that cannot be repeated for want of room is unanswered") {
  Replies f(with([](steady::Options& o) { o.queue.max_messages = 1; }));
  f.opened();
  f.asks("1", Unanswered::repeat);
  f.asks("2", Unanswered::repeat);
  f.runtime.advance(1s);
  f.runtime.connection().drop();
  CHECK(f.outcomes() == Lines{"1 unanswered"});
  f.is_open_again();
  CHECK(f.sent() == Lines{"2"});
}

TEST_CASE("the end of the socket is the end of waiting") {
  Replies f;
  f.opened();
  f.asks("1", Unanswered::repeat);
  f.asks("2");
  f.runtime.advance(1s);
  f.socket.close();
  CHECK(f.outcomes().empty());
  f.runtime.connection().close(1000);
  CHECK(f.outcomes() == Lines{"1 unanswered", "2 unanswered"});
}

TEST_CASE("a flush does not wait for replies") {
  Replies f;
  f.opened();
  f.asks("?");
  f.socket.close({.flush = true});
  CHECK(f.runtime.connection().close_requested());
}

TEST_CASE("what is answered is not kept, however many there are") {
  Replies f;
  f.opened();
  const auto before = live_allocations();
  for (int i = 0; i < 20'000; ++i) REQUIRE(f.socket.answered(f.asks("?")));
  f.runtime.advance(1min);
  CHECK(live_allocations() - before < 3'000);
  f.socket.send("last");
  CHECK(f.outcomes().empty());
}

TEST_CASE("nothing is told of them after the socket's destruction") {
  steady::testing::ManualRuntime runtime;
  Lines outcomes;
  {
    steady::Socket socket(options_for_tests(), runtime);
    const auto subscription =
        socket.on_outcome([&](const steady::Outcome&) { outcomes.emplace_back("told"); });
    runtime.connection().accept();
    socket.send("?", {.reply = Unanswered::report});
  }
  runtime.advance(1min);
  CHECK(outcomes.empty());
}

TEST_CASE("a newer message with its key takes the place of one that would be repeated") {
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

TEST_CASE("what may not wait, or is for one connection, is not repeated") {
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

TEST_CASE("one that waits to be repeated expires as every other") {
  Replies f;
  f.opened();
  f.socket.send("?", {.ttl = 2s, .reply = Unanswered::repeat});
  f.runtime.advance(1s);
  f.runtime.connection().drop();
  f.runtime.advance(1500ms);
  CHECK(f.outcomes() == Lines{"1 expired"});
}

TEST_CASE("of a frame that the platform still had, each message goes its own way") {
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

TEST_CASE("its handler may answer, cancel, send and destroy the socket") {
  steady::testing::ManualRuntime runtime;
  auto socket = std::make_unique<steady::Socket>(options_for_tests(), runtime);
  int told = 0;
  const auto subscription = socket->on_outcome([&](const steady::Outcome& outcome) {
    CHECK_FALSE(socket->answered(outcome.id));
    socket->cancel(outcome.id + 1);
    socket->send("again", {.reply = Unanswered::repeat});
    if (++told == 2) socket.reset();
  });
  runtime.connection().accept();
  for (int i = 0; i < 3; ++i) socket->send("?", {.reply = Unanswered::report});
  runtime.connection().drop();
  runtime.advance(1min);
  CHECK(told == 2);
}
