// The first connection of a Socket.

#include "catch.hpp"
#include "fixture.hpp"

using steady::ErrorCode;
using steady::Options;
using steady::Start;

TEST_CASE("the constructor connects, and the state is reported from the event loop") {
  Fixture f;
  CHECK(f.socket.state() == State::connecting);
  CHECK(f.runtime.connection().request().url == "ws://host/path");
  CHECK(f.recorder.take().empty());
  f.runtime.run_posted();
  CHECK(f.recorder.take() == Lines{"state connecting"});
  f.runtime.connection().accept("chat.v1");
  CHECK(f.recorder.take() == Lines{"state open", "open"});
  CHECK(f.socket.subprotocol() == "chat.v1");
}

TEST_CASE("with Start::on_connect a socket is idle until connect") {
  Fixture f(with([](Options& o) { o.start = Start::on_connect; }));
  f.runtime.run_posted();
  CHECK(f.socket.state() == State::idle);
  CHECK(f.runtime.transports() == 0);
  CHECK_FALSE(f.socket.connect());
  CHECK_FALSE(f.socket.connect());
  CHECK(f.runtime.transports() == 1);
  f.runtime.connection().accept();
  CHECK(f.socket.state() == State::open);
}

TEST_CASE("a socket that starts suspended queues until resume, connect or reconnect") {
  for (const int call : {0, 1, 2}) {
    INFO(call);
    Fixture f(with([](Options& o) { o.start = Start::suspended; }));
    CHECK(f.socket.state() == State::suspended);
    CHECK(f.socket.send("x").status == steady::SendStatus::queued);
    CHECK(f.socket.queued_messages() == 1);
    f.runtime.notice(steady::Hint::online);
    f.runtime.notice(steady::Hint::wake);
    f.runtime.advance(1h);
    CHECK(f.runtime.transports() == 0);
    // The first state is not a change.
    CHECK(f.recorder.take().empty());
    if (call == 0) CHECK_FALSE(f.socket.resume());
    if (call == 1) CHECK_FALSE(f.socket.connect());
    if (call == 2) CHECK_FALSE(f.socket.reconnect());
    CHECK(f.socket.state() == State::connecting);
    f.runtime.connection().accept();
    CHECK(sent_texts(f.runtime.connection()) == Lines{"x"});
    CHECK(f.recorder.take() == Lines{"state connecting", "state open", "open"});
  }
}

TEST_CASE("a socket that starts suspended can be closed, and invalid options close it") {
  Fixture f(with([](Options& o) { o.start = Start::suspended; }));
  CHECK_FALSE(f.socket.close());
  CHECK(f.runtime.transports() == 0);
  f.runtime.run_posted();
  CHECK(f.recorder.take() == Lines{"state closed", "close 1005"});
  Fixture refused(with([](Options& o) {
    o.start = Start::suspended;
    o.connect_timeout = 0ms;
  }));
  CHECK(refused.socket.state() == State::closed);
  refused.runtime.run_posted();
  CHECK(refused.recorder.take() == Lines{"error invalid_option", "state closed", "close 1006"});
}

TEST_CASE("invalid options close the socket at once, with the reason") {
  Fixture f(with([](Options& o) { o.url = "http://host"; }));
  CHECK(f.socket.state() == State::closed);
  CHECK(f.socket.error().code == ErrorCode::invalid_url);
  CHECK(f.runtime.transports() == 0);
  f.runtime.run_posted();
  CHECK(f.recorder.take() == Lines{"error invalid_url", "state closed", "close 1006"});
  CHECK(f.socket.connect().code == ErrorCode::invalid_state);
}

TEST_CASE("an attempt that the platform refuses at once is not retried") {
  Fixture f(with([](Options& o) { o.start = Start::on_connect; }));
  f.runtime.refuse_next_open({ErrorCode::blocked, "mixed content"});
  CHECK(f.socket.connect().code == ErrorCode::blocked);
  CHECK(f.socket.state() == State::closed);
  f.runtime.advance(1h);
  CHECK(f.runtime.transports() == 1);
  CHECK(f.recorder.take() ==
        Lines{"state connecting", "error blocked", "state closed", "close 1006"});
}

TEST_CASE("an attempt that the platform refuses later is not retried either") {
  Fixture f;
  f.runtime.connection().fail(ErrorCode::blocked);
  CHECK(f.recorder.take() ==
        Lines{"state connecting", "error blocked", "state closed", "close 1006"});
}

TEST_CASE("an attempt is aborted after connect_timeout, and its late events are dropped") {
  Fixture f;
  f.runtime.fix_random(0.5);
  f.runtime.advance(9'999ms);
  CHECK(f.socket.state() == State::connecting);
  f.runtime.advance(1ms);
  CHECK(f.recorder.take() ==
        Lines{"state connecting", "error connect_timeout", "state waiting", "close 1006 retry"});
  CHECK(f.recorder.last_close.reason == "no connection within the connect timeout");
  CHECK(f.runtime.connection(0).abandoned());
  f.runtime.connection(0).accept();
  f.runtime.connection(0).fail();
  CHECK(f.recorder.take().empty());
  CHECK(f.socket.state() == State::waiting);
}

TEST_CASE("the error of a refused handshake has the server's status and header fields") {
  Fixture f;
  std::vector<steady::Error> errors;
  f.socket.on_error([&](const steady::Error& error) { errors.push_back(error); }).keep();
  f.runtime.connection().refuse({401, {{"WWW-Authenticate", "Bearer"}, {"Retry-After", "5"}}});
  REQUIRE(errors.size() == 1);
  const auto response = errors[0].response;
  REQUIRE(response != nullptr);
  CHECK(response->status == 401);
  REQUIRE(response->headers.size() == 2);
  CHECK(response->headers[1].value == "5");
  CHECK(f.socket.error().response == response);

  f.runtime.advance(1s);
  f.runtime.connection().fail();
  REQUIRE(errors.size() == 2);
  CHECK(errors[1].response == nullptr);
}
