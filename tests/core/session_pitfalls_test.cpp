// Known pitfalls of resumable sessions in other implementations, for the client.
#include <algorithm>

#include "catch.hpp"
#include "session_fixture.hpp"
#include "steady/testing/fake_session_server.hpp"

using steady::State;
using steady::testing::FakeSessionServer;

TEST_CASE("a late end of the previous connection does not end the resumed session") {
  SessionFixture f;
  f.joined();
  f.socket.reconnect();
  f.accept();
  f.server("^W life 0 60000");
  f.events();
  f.runtime.connection(0).drop();
  f.runtime.connection(0).deliver_text("\x10X");
  f.runtime.run_posted();
  CHECK(f.events().empty());
  CHECK(f.socket.state() == State::open);
  f.socket.send("one");
  CHECK(f.take().back() == "one");
}

TEST_CASE("a session can be resumed before its first message") {
  SessionFixture f;
  f.joined();
  f.drop();
  f.accept_next();
  CHECK(f.take()[0].ends_with(" life 2 0"));
  f.server("^W life 0 60000");
  f.server("a");
  CHECK(f.events().back() == "text a");
}

TEST_CASE("the count advances with new messages and with repeated ones") {
  SessionFixture f;
  f.joined();
  f.server("a");
  f.drop();
  f.accept_next();
  CHECK(f.take()[0].ends_with(" 1"));
  f.server("^W life 0 60000");
  f.server("^@ 2");
  f.server("b");
  f.server("c");
  f.drop();
  f.accept_next();
  CHECK(f.take()[0].ends_with(" 3"));
}

TEST_CASE("the numbers of two epochs are independent") {
  SessionFixture f;
  f.joined();
  for (int i = 0; i < 5; ++i) f.socket.send("old");
  f.server("a");
  f.drop();
  f.accept_next();
  f.take();
  f.server("^W other 0 60000");
  f.socket.send("new");
  CHECK(f.take() == Lines{"^@ 1", "new"});
  f.server("^A 1");
  f.drop();
  f.accept_next();
  CHECK(f.take()[0].ends_with(" other 3 0"));
  f.server("^W other 1 60000");
  CHECK(f.take() == Lines{"^@ 2"});
}

TEST_CASE("counters of both sides continue over resumes, independently") {
  SessionFixture f;
  f.joined();
  for (int turn = 1; turn <= 5; ++turn) {
    // More messages of the server than of the client.
    f.socket.send("c");
    for (int i = 0; i < 3; ++i) f.server("s");
    f.drop();
    f.accept_next();
    CHECK(f.take().back().ends_with(" " + std::to_string(3 * turn)));
    f.server("^W life " + std::to_string(turn) + " 60000");
    CHECK(f.take()[0] == "^@ " + std::to_string(turn + 1));
    f.server("^@ " + std::to_string(3 * turn + 1));
  }
}

TEST_CASE("numbers restart after a failed resume, with a new epoch") {
  SessionFixture f;
  FakeSessionServer server(f.runtime);
  server.accept();
  for (int i = 0; i < 5; ++i) server.send("old");
  f.socket.send("one");
  CHECK(server.take() == Lines{"one"});
  for (int loss = 0; loss < 3; ++loss) {
    f.drop();
    server.forget();
    f.runtime.advance(10s);
    server.accept();
    f.events();
    server.send("new");
    f.socket.send("two");
    CHECK(server.take() == Lines{"two"});
    CHECK(f.events().back() == "text new");
  }
}

TEST_CASE("after a failed resume, a message that the server has handled is not sent again") {
  SessionFixture f(
      with_session([](auto& o) { o.queue.unconfirmed = steady::Unconfirmed::requeue; }));
  f.joined();
  for (const char* text : {"one", "two", "three"}) f.socket.send(text);
  f.drop();
  f.accept_next();
  f.take();
  f.server("^W other 0 60000 2");
  CHECK(f.take() == Lines{"^@ 1", "three"});
}

TEST_CASE("message numbers are exact up to the largest, and a further message closes the socket") {
  SessionFixture f;
  f.joined();
  f.server("^@ 9007199254740990");
  f.server("a");
  f.server("b");
  f.server("^? 1");
  CHECK(f.take().back().starts_with("^! 1 9007199254740991 "));
  CHECK(f.socket.state() == State::open);
  f.server("c");
  CHECK(f.socket.state() == State::closed);
}
