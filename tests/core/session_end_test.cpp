// Ends of sessions, delivered(), and servers without sessions. Frames are those of
// docs/design/session-protocol.md, with ^ for U+0010.
#include <algorithm>

#include "catch.hpp"
#include "session_fixture.hpp"

using steady::ErrorCode;
using steady::testing::FakeSessionServer;

TEST_CASE("delivered() waits for the messages sent before it") {
  SessionFixture f;
  Lines& lines = f.recorder.lines;
  const auto record = [&](const steady::Error& error) {
    lines.push_back(std::string("delivered ") + to_string(error.code));
  };
  f.socket.send("one");
  f.socket.delivered(record);
  f.accept();
  f.server("^W life 0 60000");
  f.socket.send("two");
  f.events();
  f.server("^A 1");
  CHECK(f.events() == Lines{"delivered none"});
  f.socket.delivered(record);
  f.drop();
  f.events();
  f.accept_next();
  f.server("^W life 2 60000");
  CHECK(f.events().back() == "delivered none");
  f.socket.delivered(record);
  CHECK(f.events() == Lines{"delivered none"});
}

TEST_CASE("delivered() requests an acknowledgement at once") {
  SessionFixture f;
  f.joined();
  f.socket.send("one");
  f.socket.delivered([](const steady::Error&) {});
  CHECK(f.runtime.connection().sent().back().data == "\x10? 2");
}

TEST_CASE("delivered() fails without a session, and when the session ends") {
  SessionFixture f;
  Lines& lines = f.recorder.lines;
  const auto record = [&](const steady::Error& error) {
    lines.push_back(std::string("delivered ") + to_string(error.code) + ": " + error.message);
  };
  f.joined();
  f.socket.send("one");
  f.socket.delivered(record);
  f.server("^X");
  const std::string lost =
      "delivered session_lost: the session ended before everything was delivered";
  CHECK(f.events().back() == lost);
  f.socket.send("two");
  f.socket.delivered(record);
  f.socket.close();
  f.runtime.advance(10s);
  CHECK(f.events() == Lines{lost, "close 1006", "drop 1 closed two"});
  Fixture plain;
  plain.opened();
  plain.socket.delivered([&](const steady::Error& error) { lines.push_back(error.message); });
  plain.runtime.run_posted();
  CHECK(lines.back() == "the connection has no session");
}

TEST_CASE("delivered() without a callback is reported to the listener") {
  struct Listener final : steady::SocketListener {
    void on_open() override {}
    void on_close(const steady::CloseInfo&) override {}
    void on_error(const steady::Error&) override {}
    void on_state_change(const steady::StateChange&) override {}
    void on_drop(const steady::Drop&) override {}
    void on_outcome(const steady::Outcome&) override {}
    void on_delivered(const steady::Error&) override { ++delivered; }
    void on_session(const steady::SessionChange&) override { ++sessions; }
    int delivered = 0;
    int sessions = 0;
  };
  Listener listener;
  SessionFixture f;
  f.socket.listen(listener);
  f.joined();
  f.socket.delivered({});
  f.runtime.run_posted();
  CHECK(listener.delivered == 1);
  CHECK(listener.sessions == 1);
}

TEST_CASE("close ends the session on the server as well") {
  SessionFixture f;
  f.joined();
  f.socket.send("one");
  f.socket.close({.code = 1000});
  CHECK(f.take() == Lines{"one", "^X"});
  CHECK(f.runtime.connection().close_code() == 1000);
  f.runtime.connection().close(1000);
  CHECK(f.events() == Lines{"drop 0 unconfirmed one", "session ended", "close 1000"});
}

TEST_CASE("a close with a flush waits until all messages are acknowledged") {
  SessionFixture f;
  f.joined();
  f.socket.send("one");
  f.socket.close({.flush = true});
  CHECK_FALSE(f.runtime.connection().close_requested());
  f.drop();
  f.accept_next();
  f.take();
  f.server("^W life 0 60000");
  CHECK(f.take() == Lines{"^@ 1", "one"});
  CHECK_FALSE(f.runtime.connection().close_requested());
  f.server("^A 1");
  CHECK(f.runtime.connection().close_requested());
  CHECK(f.take() == Lines{"^X"});
}

TEST_CASE("a close with a flush closes at its deadline") {
  SessionFixture f;
  f.joined();
  f.socket.send("one");
  f.socket.close({.flush = true, .deadline = 1s});
  f.runtime.advance(1s);
  CHECK(f.runtime.connection().close_requested());
}

TEST_CASE("after the server has ended the session, a new one begins") {
  SessionFixture f;
  f.accept();
  const std::string id = f.id_of(f.take()[0]);
  f.server("^W life 0 60000");
  f.socket.send("one");
  f.events();
  f.server("^X signed out");
  CHECK(f.events() == Lines{"drop 0 unconfirmed one", "session ended: signed out"});
  CHECK(f.runtime.connection().close_code() == 1000);
  CHECK(f.runtime.connection().close_reason().empty());
  f.socket.send("two");
  f.runtime.connection().close(1000);
  f.runtime.advance(1s);
  f.accept();
  const Lines frames = f.take();
  CHECK(f.id_of(frames.back() == "two" ? frames[frames.size() - 2] : frames[0]) != id);
  CHECK(frames.back() == "two");
}

TEST_CASE("a server that does not close the connection after ending the session times out") {
  SessionFixture f;
  f.joined();
  f.server("^X");
  f.events();
  f.runtime.advance(3s);
  CHECK(f.events()[0] == "error session_failed");
  CHECK(f.runtime.connection(0).abandoned());
}

TEST_CASE("the server may end a session before the welcome") {
  SessionFixture f;
  f.accept();
  f.events();
  f.server("^X");
  CHECK(f.events() == Lines{"session ended"});
}

TEST_CASE("a server without sessions is used without one") {
  SessionFixture f;
  f.socket.send("one");
  f.runtime.connection().accept("");
  CHECK(f.take() == Lines{"one"});
  f.server("\x10G 1 life");
  CHECK(f.events() == Lines{"session unsupported", "open", "text \x10G 1 life"});
}

TEST_CASE("a server without sessions is refused if one is required") {
  SessionFixture f(with_session([](auto& o) { o.session->required = true; }));
  f.runtime.connection().accept("");
  CHECK(f.events() ==
        Lines{"session unsupported", "error session_unsupported", "close 1006 retry"});
}

TEST_CASE("a session is lost if the server no longer supports sessions") {
  SessionFixture f;
  f.joined();
  f.socket.send("one");
  f.drop();
  f.runtime.advance(1ms);
  f.events();
  f.runtime.connection().accept("");
  CHECK(f.events() ==
        Lines{"drop 0 unconfirmed one", "session lost", "session unsupported", "open"});
}

TEST_CASE("every connection has a higher generation, including failed ones") {
  SessionFixture f;
  f.joined();
  f.drop();
  f.runtime.advance(1ms);
  f.runtime.connection().drop();
  f.runtime.advance(5s);
  f.accept();
  CHECK(f.without_id(f.take()[0]) == "^H life 3 0");
}

TEST_CASE("a suspended socket keeps its session") {
  SessionFixture f;
  f.joined();
  f.socket.send("one");
  f.socket.suspend();
  f.socket.send("two");
  f.socket.resume();
  f.accept();
  f.take();
  f.server("^W life 1 60000");
  CHECK(f.take() == Lines{"^@ 2", "two"});
}

TEST_CASE("reconnect keeps the session, and after a close begins a new one") {
  SessionFixture f;
  f.joined();
  f.socket.send("one");
  f.socket.reconnect();
  f.accept();
  CHECK(f.without_id(f.take()[0]) == "^H life 2 0");
  f.server("^W life 0 60000");
  CHECK(f.take() == Lines{"^@ 1", "one"});
  f.socket.close();
  f.runtime.advance(10s);
  f.events();
  f.socket.reconnect();
  f.accept();
  f.server("^W life 0 60000");
  CHECK(f.events() == Lines{"open", "session new"});
}

TEST_CASE("FakeSessionServer implements the server's side of a session") {
  SessionFixture f;
  FakeSessionServer server(f.runtime);
  f.socket.send("one");
  server.accept();
  CHECK(server.take() == Lines{"one"});
  server.send("hello");
  f.socket.send("two");
  f.drop();
  server.send("again");
  f.runtime.advance(10s);
  server.accept();
  CHECK(server.take() == Lines{"two"});
  const Lines events = f.events();
  CHECK(std::count(events.begin(), events.end(), "text hello") == 1);
  CHECK(events.back() == "text again");
  f.runtime.advance(250ms);
  server.read();
  CHECK(server.unacknowledged() == 0);
  f.drop();
  server.forget();
  f.runtime.advance(10s);
  server.accept();
  CHECK(f.events().back() == "session lost");
  f.socket.send("three");
  CHECK(server.take() == Lines{"three"});
  server.end();
  CHECK(f.events().back() == "session ended");
}
