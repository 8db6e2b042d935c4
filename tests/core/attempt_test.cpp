// Options::provider and Options::greet.
#include "steady/attempt.hpp"

#include <memory>
#include <optional>
#include <vector>

#include "catch.hpp"
#include "fixture.hpp"

using steady::ConnectDetails;
using steady::ConnectReply;
using steady::ErrorCode;
using steady::Greeting;
using steady::Options;
using steady::SendStatus;

namespace {

/// A socket with a provider, and the provider's replies.
struct Provided {
  explicit Provided(void (*change)(Options&) = [](Options&) {})
      : fixture(with([&](Options& options) {
          options.url = {};
          options.provider = [this](const ConnectReply& reply) { replies.push_back(reply); };
          change(options);
        })) {
    fixture.runtime.run_posted();
    fixture.recorder.take();
  }

  ConnectReply& reply() { return replies.back(); }

  std::vector<ConnectReply> replies;
  Fixture fixture;
};

/// A socket with `greet`, and the greetings of its connections.
struct Greeted {
  explicit Greeted(void (*change)(Options&) = [](Options&) {})
      : fixture(with([&](Options& options) {
          options.greet = [this](const Greeting& greeting) { greetings.push_back(greeting); };
          change(options);
        })) {}

  Greeting& greeting() { return greetings.back(); }

  std::vector<Greeting> greetings;
  Fixture fixture;
};

}  // namespace

TEST_CASE("the provider is called from the event loop, once before every attempt") {
  int calls = 0;
  steady::testing::ManualRuntime runtime;
  steady::Socket socket(with([&](Options& o) {
                          o.provider = [&](const ConnectReply& reply) {
                            ++calls;
                            reply.connect({.url = "ws://h/" + std::to_string(calls)});
                          };
                        }),
                        runtime);
  CHECK(calls == 0);
  CHECK(socket.state() == State::connecting);
  runtime.run_posted();
  CHECK(calls == 1);
  socket.connect();
  socket.reconnect();
  runtime.run_posted();
  CHECK(calls == 1);
  CHECK(runtime.connection().request().url == "ws://h/1");
  runtime.connection().accept();
  runtime.connection().drop();
  runtime.advance(1s);
  CHECK(runtime.connection().request().url == "ws://h/2");
  runtime.notice(steady::Hint::offline);
  runtime.connection().fail();
  CHECK(socket.state() == State::suspended);
  runtime.notice(steady::Hint::online);
  runtime.run_posted();
  CHECK(runtime.connection().request().url == "ws://h/3");
  CHECK(calls == 3);
}

TEST_CASE("the attempt uses the URL, subprotocols and first message that the provider returned") {
  Provided a;
  CHECK(a.fixture.runtime.transports() == 0);
  a.reply().connect({.url = "wss://other/", .first_message = "I", .subprotocols = {"a", "b"}});
  const auto& request = a.fixture.runtime.connection().request();
  CHECK(request.url == "wss://other/");
  CHECK(request.subprotocols == Lines{"a", "b"});
  a.fixture.runtime.connection().accept();
  CHECK(sent_texts(a.fixture.runtime.connection()) == Lines{"I"});
}

TEST_CASE("the transport receives the headers of its own attempt only") {
  Provided a;
  a.reply().connect({.url = "wss://one/", .headers = {{"Authorization", "Bearer 1"}}});
  const auto& first = a.fixture.runtime.connection().request();
  REQUIRE(first.headers.size() == 1);
  CHECK(first.headers[0].name == "Authorization");
  CHECK(first.headers[0].value == "Bearer 1");
  a.fixture.runtime.connection().drop();
  a.fixture.runtime.advance(1s);
  a.reply().connect({.url = "wss://two/"});
  CHECK(a.fixture.runtime.connection().request().url == "wss://two/");
  CHECK(a.fixture.runtime.connection().request().headers.empty());
}

TEST_CASE("without a provider every attempt has the headers of the options") {
  steady::testing::ManualRuntime runtime;
  steady::Socket socket({.url = "ws://h", .headers = {{"X-Game", "pong"}}}, runtime);
  runtime.connection().drop();
  runtime.advance(1s);
  REQUIRE(runtime.transports() == 2);
  for (std::size_t attempt : {0u, 1u}) {
    const auto& headers = runtime.connection(attempt).request().headers;
    REQUIRE(headers.size() == 1);
    CHECK(headers[0].value == "pong");
  }
}

TEST_CASE("a provider that fails fails the attempt, which is reported from the event loop") {
  Provided a;
  a.reply().fail("no token");
  CHECK(a.fixture.socket.state() == State::connecting);
  a.fixture.runtime.advance(0ms);
  CHECK(a.fixture.recorder.take() ==
        Lines{"error provider_failed", "state waiting", "close 1006 retry"});
  CHECK(a.fixture.socket.error().message == "no token");
  a.fixture.runtime.advance(1s);
  CHECK(a.replies.size() == 2);
}

TEST_CASE("invalid connection details fail the attempt") {
  for (const bool bad_url : {true, false}) {
    Provided a;
    a.reply().connect(bad_url ? ConnectDetails{.url = "http://h"}
                              : ConnectDetails{.url = "ws://h", .subprotocols = {"a b"}});
    a.fixture.runtime.advance(0ms);
    CHECK(a.fixture.socket.error().code ==
          (bad_url ? ErrorCode::invalid_url : ErrorCode::invalid_subprotocol));
    CHECK(a.fixture.socket.state() == State::waiting);
    CHECK(a.fixture.runtime.transports() == 0);
  }
}

TEST_CASE("a URL from the provider that the platform refuses is retried with the next reply") {
  Provided a;
  a.fixture.runtime.refuse_next_open({ErrorCode::blocked, "mixed content"});
  a.reply().connect({.url = "ws://h"});
  a.fixture.runtime.advance(0ms);
  CHECK(a.fixture.recorder.take() == Lines{"error blocked", "state waiting", "close 1006 retry"});
  a.fixture.runtime.advance(1s);
  a.reply().connect({.url = "wss://h"});
  a.fixture.runtime.connection().accept();
  CHECK(a.fixture.socket.state() == State::open);
}

TEST_CASE("a provider that never replies fails the attempt, and its late reply is ignored") {
  Provided a;
  a.fixture.runtime.advance(10s);
  CHECK(a.fixture.recorder.take() ==
        Lines{"error connect_timeout", "state waiting", "close 1006 retry"});
  a.fixture.runtime.advance(1s);
  REQUIRE(a.replies.size() == 2);
  a.replies[0].connect({.url = "ws://late"});
  a.replies[0].fail("late");
  CHECK(a.fixture.runtime.transports() == 0);
  a.replies[1].connect({.url = "ws://h"});
  CHECK(a.fixture.runtime.connection().request().url == "ws://h");
}

TEST_CASE("the first reply of a provider is used, and later ones are ignored") {
  Provided a;
  a.reply().fail("no");
  a.reply().connect({.url = "ws://h"});
  CHECK(a.fixture.runtime.transports() == 0);
  a.fixture.runtime.advance(1s);
  a.reply().connect({.url = "ws://h"});
  a.reply().connect({.url = "ws://again"});
  a.reply().fail("no");
  a.fixture.runtime.advance(0ms);
  CHECK(a.fixture.runtime.transports() == 1);
  CHECK(a.fixture.socket.state() == State::connecting);
}

TEST_CASE("close and suspend do not wait for the provider's reply") {
  Provided closed;
  closed.fixture.socket.close({.code = 3001});
  closed.reply().connect({.url = "ws://h"});
  closed.fixture.runtime.advance(1min);
  CHECK(closed.fixture.recorder.take() == Lines{"state closed", "close 3001"});
  CHECK(closed.fixture.runtime.transports() == 0);

  Provided suspended;
  suspended.fixture.socket.suspend();
  suspended.reply().connect({.url = "ws://h"});
  suspended.fixture.runtime.advance(1h);
  CHECK(suspended.fixture.recorder.take() == Lines{"state suspended", "close 1005 retry"});
  suspended.fixture.socket.resume();
  suspended.fixture.runtime.run_posted();
  CHECK(suspended.replies.size() == 2);
}

TEST_CASE("a reply after the socket is destroyed has no effect") {
  std::optional<ConnectReply> reply;
  {
    steady::testing::ManualRuntime runtime;
    steady::Socket socket(
        with([&](Options& o) { o.provider = [&](const ConnectReply& to) { reply = to; }; }),
        runtime);
    runtime.run_posted();
  }
  REQUIRE(reply);
  reply->connect({.url = "ws://h"});
  reply->fail("late");
}

TEST_CASE("a greeting is sent before the queue, and after the first message") {
  Greeted b([](Options& o) { o.first_message = "I"; });
  b.fixture.socket.send("queued before");
  b.fixture.runtime.connection().accept();
  REQUIRE(b.greetings.size() == 1);
  CHECK(b.fixture.socket.send("queued after").status == SendStatus::queued);
  CHECK(b.greeting().send("subscribe"));
  b.fixture.runtime.advance(1s);
  CHECK(sent_texts(b.fixture.runtime.connection()) == Lines{"I", "subscribe"});
  b.greeting().ready();
  CHECK(sent_texts(b.fixture.runtime.connection()) ==
        Lines{"I", "subscribe", "queued before", "queued after"});
  CHECK_FALSE(b.greeting().send("too late"));
  CHECK(b.fixture.socket.send("now").status == SendStatus::sent);
}

TEST_CASE("a greeting that fails fails the attempt") {
  Greeted b;
  b.fixture.opened();
  b.greeting().fail("not welcome");
  b.greeting().ready();
  b.fixture.runtime.advance(0ms);
  CHECK(b.fixture.recorder.take() ==
        Lines{"error greeting_failed", "state waiting", "close 1006 retry"});
  CHECK(b.fixture.socket.error().message == "not welcome");
}

TEST_CASE("a greeting that is never ready times out, and retry delays grow") {
  Greeted b;
  b.fixture.runtime.fix_random(0.5);
  for (const auto delay : {500ms, 1'333ms, 2'666ms, 3'333ms}) {
    b.fixture.opened();
    b.fixture.runtime.advance(10s);
    CHECK(b.fixture.socket.error().code == ErrorCode::greeting_failed);
    CHECK(b.fixture.socket.retry_in() == delay);
    b.fixture.runtime.advance(delay);
  }
}

TEST_CASE("the greeting of an earlier connection neither sends nor releases the queue") {
  Greeted b;
  b.fixture.opened();
  Greeting old = b.greeting();
  b.fixture.runtime.connection().drop();
  CHECK_FALSE(old.send("x"));
  b.fixture.runtime.advance(1s);
  b.fixture.opened();
  b.fixture.socket.send("waits");
  old.ready();
  old.fail("late");
  b.fixture.runtime.advance(1s);
  CHECK(b.fixture.runtime.connection().sent().empty());
  b.greeting().ready();
  CHECK(sent_texts(b.fixture.runtime.connection()) == Lines{"waits"});
}

TEST_CASE("a greeting may send batched payloads, and a refused one is reported") {
  Greeted b([](Options& o) { o.batch = steady::BatchOptions{}; });
  b.fixture.opened();
  b.greeting().send(steady::Payload::json("{}"));
  b.fixture.runtime.connection().answer_send_with(steady::TransportSend::refused);
  CHECK_FALSE(b.greeting().send("no"));
  b.fixture.runtime.run_posted();
  CHECK(b.fixture.recorder.take() == Lines{"drop 0 refused no"});
  CHECK(sent_texts(b.fixture.runtime.connection()) == Lines{"{}"});
}

TEST_CASE("close during a greeting drops queued messages, since none may precede the greeting") {
  Greeted b;
  b.fixture.socket.send("waits");
  b.fixture.opened();
  b.fixture.socket.close();
  b.fixture.runtime.connection().close(1005);
  CHECK(b.fixture.recorder.take() ==
        Lines{"state closing", "state closed", "close 1005", "drop 1 closed waits"});
}
