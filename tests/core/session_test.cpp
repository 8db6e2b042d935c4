// Sessions: messages to the server over several connections. Frames are those of
// docs/design/session-protocol.md, with ^ for U+0010.
#include <algorithm>

#include "catch.hpp"
#include "session_fixture.hpp"
#include "steady/payload.hpp"

using steady::ErrorCode;
using steady::Payload;
using steady::SendStatus;
using steady::Unconfirmed;

TEST_CASE("subprotocols are offered unchanged, then with the suffix of a session") {
  SessionFixture f(with_session([](auto& o) { o.subprotocols = {"a", "b"}; }));
  CHECK(f.runtime.connection().request().subprotocols ==
        Lines{"a", "b", "a+steady.1", "b+steady.1"});
  f.runtime.connection().accept("b+steady.1");
  CHECK(f.socket.subprotocol() == "b");
  SessionFixture alone;
  CHECK(alone.runtime.connection().request().subprotocols == Lines{"steady.1"});
}

TEST_CASE("subprotocols of a provider are offered with the suffix of a session too") {
  SessionFixture f(with_session([](auto& o) {
    o.provider = [](const steady::ConnectReply& reply) {
      reply.connect({.url = "ws://host", .subprotocols = {"a"}});
    };
  }));
  f.runtime.run_posted();
  CHECK(f.runtime.connection().request().subprotocols == Lines{"a", "a+steady.1"});
}

TEST_CASE("no subprotocol may end in +steady.1") {
  SessionFixture f(with_session([](auto& o) { o.subprotocols = {"a+steady.1"}; }));
  CHECK(f.socket.error().code == ErrorCode::invalid_subprotocol);
}

TEST_CASE("a new session needs no round trip: messages follow the hello") {
  SessionFixture f;
  f.socket.send("one");
  f.accept();
  const Lines frames = f.take();
  REQUIRE(frames.size() == 2);
  CHECK(f.without_id(frames[0]) == "^H life 1 0");
  CHECK(f.id_of(frames[0]).find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                             "0123456789-_") == std::string::npos);
  CHECK(frames[1] == "one");
  f.socket.send("two");
  CHECK(f.take() == Lines{"two"});
  f.events();
  f.server("^W life 0 60000");
  CHECK(f.take().empty());
  CHECK(f.events() == Lines{"session new"});
}

TEST_CASE("no frame is sent before the greeting of the server") {
  SessionFixture f;
  f.runtime.connection().accept("steady.1");
  f.socket.send("one");
  CHECK(f.take().empty());
  f.server("^G 1 life");
  CHECK(f.take().size() == 2);
}

TEST_CASE("a first message and a greeting precede the hello and are not counted") {
  steady::Greeting* greeting = nullptr;
  SessionFixture f(with_session([&](auto& o) {
    o.first_message = "first";
    o.greet = [&](const steady::Greeting& g) { greeting = new steady::Greeting(g); };
  }));
  f.socket.send("one");
  f.accept();
  f.runtime.run_posted();
  greeting->send("login");
  CHECK(f.take() == Lines{"first", "login"});
  // Neither are messages of the server.
  f.server("welcome");
  CHECK(f.events() == Lines{"open", "text welcome"});
  greeting->ready();
  delete greeting;
  const Lines frames = f.take();
  REQUIRE(frames.size() == 2);
  CHECK(f.without_id(frames[0]) == "^H life 1 0");
  f.server("^W life 0 60000");
  f.server("a");
  f.runtime.advance(250ms);
  CHECK(f.take() == Lines{"^A 1"});
}

TEST_CASE("a lost first hello is repeated, and no message is sent twice") {
  SessionFixture f;
  f.socket.send("one");
  f.accept();
  const std::string id = f.id_of(f.take()[0]);
  f.drop();
  f.accept_next();
  const Lines frames = f.take();
  REQUIRE(frames.size() == 1);
  CHECK(f.id_of(frames[0]) == id);
  CHECK(f.without_id(frames[0]) == "^H life 2 0");
  f.events();
  f.server("^W life 0 60000");
  CHECK(f.take() == Lines{"^@ 1", "one"});
  CHECK(f.events() == Lines{"session new"});
}

TEST_CASE("a first hello whose welcome was lost resumes the session") {
  SessionFixture f;
  f.socket.send("one");
  f.accept();
  f.drop();
  f.accept_next();
  f.take();
  f.server("^W life 1 60000");
  CHECK(f.take() == Lines{"^@ 2"});
}

TEST_CASE("messages that the server has not handled are sent again on the next connection") {
  SessionFixture f;
  f.joined();
  for (const char* text : {"one", "two", "three"}) f.socket.send(text);
  f.server("^A 1");
  f.drop();
  f.socket.send("four");
  f.accept_next();
  CHECK(f.without_id(f.take()[0]) == "^H life 2 0");
  f.server("^W life 2 60000");
  CHECK(f.take() == Lines{"^@ 3", "three", "four"});
  CHECK(f.events().back() == "session resumed");
}

TEST_CASE("messages sent on credit are kept, also if the platform's buffer is empty") {
  SessionFixture f;
  f.joined();
  {
    std::string borrowed = "borrowed";
    f.socket.send(borrowed);
    borrowed = "########";
  }
  f.runtime.advance(1min);
  f.drop();
  f.accept_next();
  f.take();
  f.server("^W life 0 60000");
  CHECK(f.take() == Lines{"^@ 1", "borrowed"});
}

TEST_CASE("a message that begins like a control frame is sent escaped") {
  SessionFixture f;
  f.joined();
  f.socket.send("\x10hi");
  f.socket.send("\x10ho", {.track = true});
  CHECK(f.take() == Lines{"^\x10hi", "^\x10ho"});
  f.drop();
  f.accept_next();
  f.take();
  f.server("^W life 0 60000");
  CHECK(f.take() == Lines{"^@ 1", "^\x10hi", "^\x10ho"});
}

TEST_CASE("without a session such a message is sent unchanged") {
  SessionFixture f;
  f.runtime.connection().accept("");
  f.socket.send("\x10hi");
  CHECK(f.take() == Lines{"^hi"});
}

TEST_CASE("volatile messages are not repeated and leave a gap in the numbers") {
  SessionFixture f;
  f.joined();
  f.socket.send("one");
  f.socket.send("now", {.is_volatile = true});
  f.socket.send("three");
  f.drop();
  CHECK(f.events() == Lines{"drop 0 unconfirmed now", "close 1006 retry"});
  f.accept_next();
  f.take();
  f.server("^W life 0 60000");
  CHECK(f.take() == Lines{"^@ 1", "one", "^@ 3", "three"});
  f.socket.send("four");
  CHECK(f.take() == Lines{"four"});
}

TEST_CASE("a message that expires in the queue takes no number") {
  SessionFixture f;
  f.joined();
  f.socket.send("one");
  f.drop();
  f.socket.send("old", {.ttl = 5ms});
  f.socket.send("two");
  f.runtime.advance(10ms);
  f.accept();
  f.take();
  f.server("^W life 1 60000");
  CHECK(f.take() == Lines{"^@ 2", "two"});
}

TEST_CASE("a message that was sent does not expire") {
  SessionFixture f;
  f.joined();
  f.socket.send("one", {.ttl = 5ms});
  f.drop();
  f.runtime.advance(1s);
  f.accept();
  f.take();
  f.server("^W life 0 60000");
  CHECK(f.take() == Lines{"^@ 1", "one"});
}

TEST_CASE("a message that the platform rejects while sending the queue leaves a gap") {
  SessionFixture f;
  f.socket.send("one");
  f.socket.send("two");
  f.accept();
  f.take();
  f.runtime.connection().answer_send_with(steady::TransportSend::refused);
  f.socket.send("bad", {.track = true});
  f.runtime.connection().answer_send_with(steady::TransportSend::taken);
  f.socket.send("three", {.track = true});
  f.server("^W life 0 60000");
  f.server("^A 3");
  // The number was reused.
  CHECK(f.take() == Lines{"three"});
  const Lines events = f.events();
  CHECK(std::count(events.begin(), events.end(), "drop 0 refused bad") == 1);
  CHECK(events.back() == "outcome 4 none delivered");
}

TEST_CASE("a message that a closing connection does not accept is sent on the next") {
  SessionFixture f;
  f.joined();
  f.runtime.connection().answer_send_with(steady::TransportSend::not_open);
  CHECK(f.socket.send("one", {.track = true}).status == SendStatus::sent);
  f.socket.send("two", {.track = true});
  f.drop();
  f.accept_next();
  f.take();
  f.server("^W life 0 60000");
  CHECK(f.take() == Lines{"^@ 1", "one", "two"});
}

TEST_CASE("a batch is sent as one frame, and repeated as one") {
  SessionFixture f(with_session([](auto& o) { o.batch.emplace(); }));
  f.joined();
  f.socket.send(Payload::json("1"));
  f.socket.send(Payload::json("2"));
  CHECK(f.take() == Lines{"[1,2]"});
  f.socket.send(Payload::json("3"));
  CHECK(f.take() == Lines{"3"});
  f.drop();
  f.accept_next();
  f.take();
  f.server("^W life 0 60000");
  f.socket.send("last");
  CHECK(f.take() == Lines{"^@ 1", "[1,2]", "3", "last"});
  f.server("^A 3");
  f.drop();
  f.accept_next();
  f.take();
  f.server("^W life 3 60000");
  CHECK(f.take() == Lines{"^@ 4"});
}

TEST_CASE("batches are negotiated by the subprotocol without the suffix of a session") {
  SessionFixture f(with_session([](auto& o) {
    o.subprotocols = {"a", "joined"};
    o.batch = steady::BatchOptions{.subprotocol = "joined"};
  }));
  f.runtime.connection().accept("joined+steady.1");
  f.server("^G 1 life");
  f.server("^W life 0 60000");
  f.take();
  f.socket.send(Payload::json("1"));
  f.socket.send(Payload::json("2"));
  CHECK(f.take() == Lines{"[1,2]"});
}

TEST_CASE("a message is reported as delivered when the server acknowledges it") {
  SessionFixture f;
  f.joined();
  const auto id = f.socket.send("one", {.track = true}).id;
  f.runtime.advance(1s);
  CHECK(f.events().empty());
  f.server("^A 1");
  CHECK(f.events() == Lines{"outcome " + std::to_string(id) + " none delivered"});
}

TEST_CASE("without a session an outcome is not marked as delivered") {
  SessionFixture f;
  f.runtime.connection().accept();
  f.events();
  f.socket.send("one", {.track = true});
  f.runtime.advance(1s);
  CHECK(f.events() == Lines{"outcome 1 none"});
}

TEST_CASE("unconfirmed messages of a lost session are reported") {
  SessionFixture f;
  f.joined();
  f.socket.send("one");
  f.socket.send("two", {.track = true});
  f.server("^A 1");
  f.drop();
  f.socket.send("three");
  f.accept_next();
  f.take();
  f.events();
  f.server("^W other 0 60000");
  CHECK(f.take() == Lines{"^@ 1", "three"});
  CHECK(f.events() == Lines{"drop 1 unconfirmed two", "outcome 1 unconfirmed", "session lost"});
}

TEST_CASE("unconfirmed messages of a lost session are sent again with Unconfirmed::requeue") {
  SessionFixture f(with_session([](auto& o) { o.queue.unconfirmed = Unconfirmed::requeue; }));
  f.joined();
  f.socket.send("one");
  f.socket.send("two");
  f.server("^A 1");
  f.drop();
  f.socket.send("three");
  f.accept_next();
  f.take();
  f.events();
  f.server("^W other 0 60000");
  CHECK(f.take() == Lines{"^@ 1", "two", "three"});
  CHECK(f.events() == Lines{"session lost"});
}

TEST_CASE("messages that a lost session has not handled are sent again if the server knows them") {
  SessionFixture f;
  f.joined();
  f.socket.send("one");
  f.socket.send("two", {.track = true});
  f.socket.send("three");
  f.drop();
  f.accept_next();
  f.take();
  f.events();
  f.server("^W other 0 60000 2");
  CHECK(f.take() == Lines{"^@ 1", "three"});
  CHECK(f.events() == Lines{"outcome 1 none delivered", "session lost"});
}

TEST_CASE("a change of epoch during the first hello loses no message") {
  SessionFixture f;
  f.socket.send("one");
  f.accept();
  f.socket.send("two");
  f.take();
  f.events();
  f.server("^W other 0 60000");
  CHECK(f.take() == Lines{"^@ 1", "one", "two"});
  CHECK(f.events() == Lines{"session lost"});
  f.socket.send("three");
  f.drop();
  f.accept_next();
  CHECK(f.without_id(f.take()[0]) == "^H other 2 0");
  f.server("^W other 2 60000");
  CHECK(f.take() == Lines{"^@ 3", "three"});
}

TEST_CASE("a session that is lost keeps its id") {
  SessionFixture f;
  f.accept();
  const std::string id = f.id_of(f.take()[0]);
  f.server("^W other 0 60000");
  f.take();
  f.drop();
  f.accept_next();
  CHECK(f.id_of(f.take()[0]) == id);
}

TEST_CASE("a request survives its connection") {
  SessionFixture f;
  f.joined();
  const auto id = f.socket.send("ask", {.reply = steady::Unanswered::report}).id;
  f.server("^A 1");
  f.drop();
  f.accept_next();
  f.take();
  f.server("^W life 1 60000");
  CHECK(f.take() == Lines{"^@ 2"});
  CHECK(f.socket.answered(id));
  CHECK_FALSE(f.socket.answered(id));
}

TEST_CASE("a request of a lost session is unanswered, or repeated") {
  SessionFixture f;
  f.joined();
  f.socket.send("report", {.reply = steady::Unanswered::report});
  f.socket.send("repeat", {.reply = steady::Unanswered::repeat});
  f.server("^A 2");
  f.drop();
  f.accept_next();
  f.take();
  f.events();
  f.server("^W other 0 60000");
  CHECK(f.take() == Lines{"^@ 1", "repeat"});
  CHECK(f.events() == Lines{"outcome 1 unanswered", "session lost"});
}

TEST_CASE("an acknowledgement is requested once when a small window is full") {
  SessionFixture f(with_session([](auto& o) { o.session->window = 2; }));
  f.joined();
  const auto questions = [&f] {
    std::size_t count = 0;
    for (const auto& frame : f.runtime.connection().sent()) {
      count += frame.data.starts_with("\x10?") ? 1 : 0;
    }
    return count;
  };
  const std::size_t before = questions();
  for (const char* text : {"a", "b", "c", "d", "e"}) f.socket.send(text);
  CHECK(f.take() == Lines{"a", "b"});
  CHECK(questions() == before + 1);
  // No message was sent since, so no request follows.
  f.server("^! 2 0 0");
  CHECK(questions() == before + 1);
  f.server("^A 2");
  CHECK(f.take() == Lines{"c", "d"});
  CHECK(questions() == before + 2);
}

TEST_CASE("unacknowledged messages are limited to the window") {
  SessionFixture f(with_session([](auto& o) { o.session->window = 2; }));
  f.joined();
  CHECK(f.socket.send("one").status == SendStatus::sent);
  CHECK(f.socket.send("two").status == SendStatus::sent);
  CHECK(f.socket.send("three").status == SendStatus::queued);
  CHECK(f.socket.send("now", {.is_volatile = true}).status == SendStatus::dropped);
  CHECK(f.take() == Lines{"one", "two"});
  f.server("^A 1");
  CHECK(f.take() == Lines{"three"});
}

TEST_CASE("at most 1000 small messages are sent without an acknowledgement") {
  SessionFixture f(with_session([](auto& o) { o.queue.max_messages = 10'000; }));
  f.joined();
  for (int i = 0; i < 1'500; ++i) f.socket.send("x");
  CHECK(f.take().size() == 1'000);
  f.server("^A 1000");
  CHECK(f.take().size() == 500);
}

TEST_CASE("a session without a connection is lost after session.ttl") {
  SessionFixture f(with_session([](auto& o) { o.session->ttl = 10s; }));
  f.joined();
  f.socket.send("one");
  f.drop();
  f.runtime.advance(9s);
  f.events();
  f.runtime.connection().drop();
  f.runtime.run_posted();
  CHECK(f.events() == Lines{"close 1006 retry"});
  f.runtime.advance(1s);
  CHECK(f.events() == Lines{"drop 0 unconfirmed one", "session lost"});
  f.socket.reconnect();
  f.accept();
  CHECK(f.without_id(f.take()[0]).ends_with(" 0"));
}

TEST_CASE("a resumed session does not expire") {
  SessionFixture f(with_session([](auto& o) { o.session->ttl = 10s; }));
  f.joined();
  f.drop();
  f.runtime.advance(5s);
  f.accept();
  f.server("^W life 0 60000");
  f.server("^! 2 0 1000000000000");
  f.events();
  f.runtime.advance(10s);
  CHECK(f.events().empty());
}
