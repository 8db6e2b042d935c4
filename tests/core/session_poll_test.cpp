// Sessions: messages of the server that wait for poll().
#include <algorithm>

#include "catch.hpp"
#include "session_fixture.hpp"

using steady::Dispatch;
using steady::State;
using steady::testing::FakeSessionServer;

namespace {

steady::Options queued(const std::function<void(steady::Options&)>& change = [](auto&) {}) {
  return with_session([&](steady::Options& options) {
    options.dispatch = Dispatch::queued;
    change(options);
  });
}

}  // namespace

TEST_CASE("only messages dispatched by poll() are acknowledged") {
  SessionFixture f(queued());
  f.joined();
  for (const char* text : {"a", "b", "c"}) f.server(text);
  f.runtime.advance(1s);
  CHECK(f.take().empty());
  CHECK(acknowledged(f) == Lines{"0"});
  f.socket.poll({.max_messages = 2});
  CHECK(acknowledged(f) == Lines{"2"});
  f.socket.poll();
  f.runtime.advance(250ms);
  CHECK(f.take() == Lines{"^A 3"});
}

TEST_CASE("a message that waits for poll() is not received twice") {
  SessionFixture f(queued());
  FakeSessionServer server(f.runtime);
  server.accept();
  server.send("a");
  server.send("b");
  f.socket.poll({.max_messages = 1});
  f.drop();
  f.runtime.advance(1ms);
  server.accept();
  server.send("c");
  f.socket.poll();
  const Lines events = f.events();
  CHECK(std::count(events.begin(), events.end(), "text b") == 1);
  CHECK(events.back() == "text c");
  f.runtime.advance(250ms);
  server.read();
  CHECK(server.unacknowledged() == 0);
}

TEST_CASE("messages dispatched between two connections are acknowledged by the hello") {
  SessionFixture f(queued());
  f.joined();
  f.server("a");
  f.server("b");
  f.drop();
  f.socket.poll();
  f.accept_next();
  CHECK(f.take()[0].ends_with(" 2"));
}

TEST_CASE("messages that wait for poll() survive suspend and reconnect") {
  SessionFixture f(queued());
  f.joined();
  f.server("a");
  f.socket.suspend();
  f.socket.resume();
  f.accept();
  f.server("^W life 0 60000");
  f.server("^@ 1");
  f.server("a");
  f.server("b");
  f.socket.reconnect();
  f.socket.poll();
  const Lines events = f.events();
  CHECK(std::count(events.begin(), events.end(), "text a") == 1);
  CHECK(std::count(events.begin(), events.end(), "text b") == 1);
}

TEST_CASE("conflated and dropped messages are acknowledged") {
  SessionFixture f(queued([](auto& o) {
    o.inbound.max_messages = 2;
    o.inbound.overflow = steady::InboundOverflow::drop_oldest;
    o.inbound.conflate = {"s"};
  }));
  f.joined();
  f.server(R"({"type":"s","n":1})");
  f.server(R"({"type":"s","n":2})");
  CHECK(acknowledged(f) == Lines{"1"});
  f.server("x");
  f.server("y");
  CHECK(acknowledged(f) == Lines{"2"});
  f.socket.poll();
  CHECK(acknowledged(f) == Lines{"4"});
}

TEST_CASE("a conflated message does not acknowledge messages queued before it") {
  SessionFixture f(queued([](auto& o) { o.inbound.conflate = {"s"}; }));
  f.joined();
  f.server("x");
  f.server(R"({"type":"s","n":1})");
  f.server(R"({"type":"s","n":2})");
  CHECK(acknowledged(f) == Lines{"0"});
}

TEST_CASE("messages without room in the inbound queue are received again, whole and once") {
  SessionFixture f(queued([](auto& o) {
    o.inbound.max_messages = 3;
    o.batch.emplace();
  }));
  FakeSessionServer server(f.runtime);
  server.accept();
  server.send("[1,2]");
  server.send("[3,4]");
  f.runtime.run_posted();
  CHECK(f.socket.state() != State::open);
  f.socket.poll();
  f.runtime.advance(1s);
  server.accept();
  f.socket.poll();
  Lines texts;
  for (const std::string& line : f.events()) {
    if (line.starts_with("text ")) texts.push_back(line);
  }
  CHECK(texts == Lines{"text 1", "text 2", "text 3", "text 4"});
  f.runtime.advance(250ms);
  server.read();
  CHECK(server.unacknowledged() == 0);
}

TEST_CASE("a batch larger than the inbound queue is reported and acknowledged") {
  SessionFixture f(queued([](auto& o) {
    o.inbound.max_messages = 2;
    o.batch.emplace();
  }));
  f.joined();
  f.server("[1,2,3]");
  f.socket.poll();
  const Lines events = f.events();
  CHECK(std::count(events.begin(), events.end(), "error message_too_large") == 1);
  CHECK(f.socket.state() == State::open);
  CHECK(acknowledged(f) == Lines{"1"});
}

TEST_CASE("messages queued before the welcome or in another epoch are not acknowledged") {
  SessionFixture f(queued());
  f.accept();
  f.server("hello");
  f.server("^W life 0 60000");
  f.server("a");
  CHECK(acknowledged(f) == Lines{"0"});
  f.socket.poll({.max_messages = 1});
  CHECK(acknowledged(f) == Lines{"0"});
  f.socket.poll();
  CHECK(acknowledged(f) == Lines{"1"});
  f.server("b");
  f.server("c");
  f.drop();
  f.accept_next();
  f.server("^W other 0 60000");
  f.server("^@ 1");
  f.server("d");
  f.socket.poll({.max_messages = 2});
  CHECK(acknowledged(f) == Lines{"0"});
  f.socket.poll();
  CHECK(acknowledged(f) == Lines{"1"});
}
