// connect, reconnect, suspend, resume and close in every state, and hints of the platform.
#include <memory>
#include <optional>
#include <string>

#include "catch.hpp"
#include "fixture.hpp"

using steady::ErrorCode;
using steady::Hint;
using steady::Options;
using steady::Socket;
using steady::Start;

namespace {

constexpr State all_states[] = {State::idle,      State::connecting, State::open,  State::waiting,
                                State::suspended, State::closing,    State::closed};

/// A socket that is in the given state.
struct In {
  explicit In(State state)
      : fixture(with([&](Options& o) {
          o.start = state == State::idle ? Start::on_connect : Start::at_once;
        })) {
    const auto connection = [this]() -> auto& { return fixture.runtime.connection(); };
    if (state == State::open || state == State::closing) connection().accept();
    if (state == State::waiting) connection().fail();
    if (state == State::suspended) fixture.socket.suspend();
    if (state == State::closing) fixture.socket.close();
    if (state == State::closed) connection().close(4000);
    fixture.runtime.run_posted();
    fixture.recorder.take();
    REQUIRE(fixture.socket.state() == state);
  }

  Fixture fixture;
};

std::size_t live_connections(steady::testing::ManualRuntime& runtime) {
  std::size_t live = 0;
  for (std::size_t i = 0; i < runtime.transports(); ++i) live += !runtime.connection(i).abandoned();
  return live;
}

}  // namespace

TEST_CASE("reconnect starts a new connection in every state, unless an attempt is in progress") {
  for (const State state : all_states) {
    INFO(to_string(state));
    In in(state);
    auto& [runtime, socket, recorder] = in.fixture;
    const std::size_t before = runtime.transports();
    CHECK_FALSE(socket.reconnect());
    CHECK(socket.state() == State::connecting);
    CHECK(runtime.transports() == before + (state == State::connecting ? 0 : 1));
    CHECK(live_connections(runtime) == 1);
    socket.send("x");
    runtime.connection().accept();
    CHECK(socket.state() == State::open);
    CHECK(sent_texts(runtime.connection()) == Lines{"x"});
    CHECK(runtime.watches() == 1);
  }
}

TEST_CASE("a reconnect while open reports the end of the connection") {
  In in(State::open);
  in.fixture.socket.reconnect();
  in.fixture.runtime.run_posted();
  CHECK(in.fixture.recorder.take() == Lines{"state connecting", "close 1005 retry"});
  CHECK(in.fixture.recorder.last_close.reason == "reconnect() was called");
}

TEST_CASE("attempts are counted from zero after a reconnect") {
  Fixture f(with([](Options& o) { o.reconnect.max_attempts = 1; }));
  f.runtime.fix_random(0.5);
  for (int i = 0; i < 3; ++i) {
    f.runtime.connection().fail();
    CHECK(f.socket.retry_in() == 500ms);
    f.runtime.advance(500ms);
    f.runtime.connection().fail();
    CHECK(f.socket.state() == State::closed);
    CHECK(f.socket.error().code == ErrorCode::gave_up);
    CHECK_FALSE(f.socket.reconnect());
  }
}

TEST_CASE("a socket with invalid options stays closed after a reconnect") {
  Fixture f(with([](Options& o) { o.url = "http://h"; }));
  CHECK(f.socket.reconnect().code == ErrorCode::invalid_url);
  CHECK(f.socket.state() == State::closed);
  CHECK(f.runtime.transports() == 0);
}

TEST_CASE("suspend ends the connection, and no attempt follows, in every state") {
  for (const State state : all_states) {
    INFO(to_string(state));
    In in(state);
    auto& [runtime, socket, recorder] = in.fixture;
    const std::size_t before = runtime.transports();
    const bool is_over = state == State::closing || state == State::closed;
    CHECK((socket.suspend().code == ErrorCode::invalid_state) == is_over);
    if (is_over) {
      CHECK(socket.state() == state);
      continue;
    }
    CHECK(socket.state() == State::suspended);
    CHECK(live_connections(runtime) == 0);
    socket.send("waits");
    runtime.notice(Hint::offline);
    runtime.notice(Hint::online);
    runtime.notice(Hint::wake);
    runtime.advance(24h);
    CHECK(runtime.transports() == before);
    CHECK_FALSE(socket.resume());
    CHECK(runtime.transports() == before + 1);
    runtime.connection().accept();
    CHECK(sent_texts(runtime.connection()) == Lines{"waits"});
  }
}

TEST_CASE("resume has no effect unless the socket is suspended") {
  for (const State state : all_states) {
    if (state == State::suspended) continue;
    INFO(to_string(state));
    In in(state);
    const bool is_over = state == State::closing || state == State::closed;
    CHECK((in.fixture.socket.resume().code == ErrorCode::invalid_state) == is_over);
    in.fixture.runtime.run_posted();
    CHECK(in.fixture.socket.state() == state);
    CHECK(in.fixture.recorder.take().empty());
  }
}

TEST_CASE("connect and close end a suspension") {
  In connected(State::suspended);
  CHECK_FALSE(connected.fixture.socket.connect());
  CHECK(connected.fixture.socket.state() == State::connecting);
  In closed(State::suspended);
  CHECK_FALSE(closed.fixture.socket.close());
  CHECK(closed.fixture.socket.state() == State::closed);
}

TEST_CASE("any two calls, in every state and from inside handlers, leave at most one connection") {
  for (const State state : all_states) {
    for (int first = 0; first < 5; ++first) {
      for (int second = 0; second < 5; ++second) {
        In in(state);
        Socket& socket = in.fixture.socket;
        const auto call = [&](int which) {
          if (which == 0) socket.connect();
          if (which == 1) socket.reconnect();
          if (which == 2) socket.suspend();
          if (which == 3) socket.resume();
          if (which == 4) socket.close();
        };
        bool again = true;
        const auto subscription = socket.on_state_change([&](const steady::StateChange&) {
          if (std::exchange(again, false)) call(second);
        });
        call(first);
        call(second);
        in.fixture.runtime.run_posted();
        CHECK(live_connections(in.fixture.runtime) <= 1);
        const State end = socket.state();
        const bool has_connection =
            end == State::connecting || end == State::open || end == State::closing;
        CHECK(live_connections(in.fixture.runtime) == (has_connection ? 1 : 0));
      }
    }
  }
}

TEST_CASE("a waiting socket is suspended while the platform is offline, and connects once online") {
  In in(State::waiting);
  auto& [runtime, socket, recorder] = in.fixture;
  runtime.notice(Hint::offline);
  CHECK(socket.state() == State::suspended);
  CHECK_FALSE(socket.retry_in());
  runtime.notice(Hint::online);
  CHECK(socket.state() == State::connecting);
  CHECK(recorder.take() == Lines{"state suspended", "state connecting"});
}

TEST_CASE("while the platform reports offline, attempts are still made at long intervals") {
  In in(State::connecting);
  auto& [runtime, socket, recorder] = in.fixture;
  runtime.notice(Hint::offline);
  CHECK(socket.state() == State::connecting);
  runtime.connection().fail();
  CHECK(socket.state() == State::suspended);
  runtime.advance(29s);
  CHECK(runtime.transports() == 1);
  runtime.advance(31s);
  REQUIRE(runtime.transports() == 2);
  runtime.connection().fail();
  CHECK(socket.state() == State::suspended);
  runtime.advance_to_next_timer();
  REQUIRE(runtime.transports() == 3);
  runtime.connection().accept();
  CHECK(socket.state() == State::open);
}

TEST_CASE("a hint of the platform makes an open connection send a ping") {
  for (const Hint hint : {Hint::offline, Hint::online, Hint::wake}) {
    Fixture f(with([](Options& o) { o.heartbeat = steady::HeartbeatOptions{}; }));
    f.opened();
    f.runtime.notice(hint);
    f.runtime.notice(hint);
    CHECK(f.socket.state() == State::open);
    CHECK(sent_texts(f.runtime.connection()) == Lines{R"({"type":"ping"})"});
    f.runtime.advance(4s);
    CHECK(f.socket.state() == State::open);
    f.runtime.connection().deliver_text("pong");
    f.runtime.advance(4s);
    CHECK(f.socket.state() == State::open);
    f.runtime.notice(hint);
    f.runtime.advance(5s);
    CHECK(f.socket.error().code == ErrorCode::heartbeat_timeout);
  }
}

TEST_CASE("without a heartbeat, a hint of the platform sends nothing") {
  Fixture f;
  f.opened();
  for (const Hint hint : {Hint::offline, Hint::online, Hint::wake}) f.runtime.notice(hint);
  CHECK(f.runtime.connection().sent().empty());
  CHECK(f.socket.state() == State::open);
}

TEST_CASE("a message received before a ping does not answer it") {
  Fixture f(with([](Options& o) { o.heartbeat = steady::HeartbeatOptions{}; }));
  f.runtime.connection().take_grants();
  f.runtime.connection().accept();
  f.runtime.connection().deliver_unshown();
  f.runtime.notice(Hint::wake);
  f.runtime.advance(5s);
  CHECK(f.socket.error().code == ErrorCode::heartbeat_timeout);
}

TEST_CASE("on wake a waiting socket connects at once, unless the server asked for a delay") {
  In in(State::waiting);
  in.fixture.runtime.notice(Hint::wake);
  CHECK(in.fixture.socket.state() == State::connecting);

  Fixture f;
  f.opened().runtime.connection().close(1013, "retry-after=60");
  f.runtime.notice(Hint::wake);
  f.runtime.notice(Hint::online);
  CHECK(f.socket.state() == State::waiting);
  f.runtime.notice(Hint::offline);
  CHECK(f.socket.state() == State::suspended);
  f.runtime.notice(Hint::online);
  f.runtime.advance(59s);
  CHECK(f.runtime.transports() == 1);
  f.runtime.advance(2s);
  CHECK(f.runtime.transports() == 2);
}

TEST_CASE("a closed or destroyed socket does not watch the platform") {
  In closed(State::closed);
  CHECK(closed.fixture.runtime.watches() == 0);
  steady::testing::ManualRuntime runtime;
  auto socket = std::make_unique<Socket>(options_for_tests(), runtime);
  CHECK(runtime.watches() == 1);
  const auto subscription =
      socket->on_state_change([&](const steady::StateChange&) { socket.reset(); });
  runtime.connection().fail();
  CHECK(runtime.watches() == 0);
  CHECK(runtime.timers() == 0);
}

TEST_CASE("during a flush, a greeting receives the messages that it waits for") {
  std::optional<steady::Greeting> greeting;
  Fixture f(with([&](Options& o) {
    o.greet = [&](const steady::Greeting& begun) {
      greeting = begun;
      begun.send("login");
    };
  }));
  const auto subscription = f.socket.on_message([&](const steady::Message& message) {
    if (message.data == "welcome") greeting->ready();
  });
  f.socket.send("precious");
  f.socket.close({.flush = true, .deadline = 1min});
  f.runtime.run_posted();
  f.runtime.connection().accept();
  f.runtime.connection().deliver_text("welcome");
  CHECK(sent_texts(f.runtime.connection()) == Lines{"login", "precious"});
  f.runtime.advance(1min);
  for (const auto& line : f.recorder.take()) CHECK(line != "drop 1 closed precious");
}

TEST_CASE("max_elapsed counts from the loss of a stable connection, also if suspend() ended it") {
  Fixture f(with([](Options& o) { o.reconnect.max_elapsed = 30s; }));
  f.opened();
  f.runtime.advance(1h);
  f.socket.suspend();
  f.socket.resume();
  f.runtime.connection().fail();
  CHECK(f.socket.state() == State::waiting);
  CHECK(f.socket.error().code != ErrorCode::gave_up);
}

TEST_CASE("max_elapsed does not count the time in which the user has suspended the socket") {
  Fixture f(with([](Options& o) { o.reconnect.max_elapsed = 30s; }));
  f.socket.suspend();
  f.runtime.advance(1h);
  f.socket.resume();
  f.runtime.connection().fail();
  CHECK(f.socket.state() == State::waiting);
}

TEST_CASE("retry delays start over after a stable connection, also if suspend() ended it") {
  Fixture f(with([](Options& o) { o.reconnect.max_attempts = 2; }));
  for (int i = 0; i < 2; ++i) {
    f.runtime.connection().fail();
    f.runtime.advance(10s);
  }
  f.opened();
  f.runtime.advance(1h);
  f.socket.suspend();
  f.socket.resume();
  f.runtime.connection().fail();
  CHECK(f.socket.state() == State::waiting);
}

TEST_CASE("a socket closed while offline does not stay offline after a reconnect") {
  Fixture f;
  f.runtime.notice(Hint::offline);
  f.socket.close();
  f.runtime.connection().close(1005);
  REQUIRE(f.socket.state() == State::closed);
  f.runtime.notice(Hint::online);  // a closed socket does not watch
  f.socket.reconnect();
  f.runtime.connection().fail();
  CHECK(f.socket.state() == State::waiting);
}

TEST_CASE("the provider is called after all earlier events were dispatched") {
  Lines order;
  steady::testing::ManualRuntime runtime;
  steady::Socket socket(with([&](Options& o) {
                          o.provider = [&](const steady::ConnectReply& reply) {
                            order.push_back("provider");
                            reply.connect({.url = "ws://h"});
                          };
                        }),
                        runtime);
  runtime.run_posted();
  const auto opened = socket.on_open([&] { socket.reconnect(); });
  const auto closed = socket.on_close([&](const steady::CloseInfo&) { order.push_back("close"); });
  order.clear();
  runtime.connection().accept();
  runtime.run_posted_once();
  CHECK(order == Lines{"close", "provider"});
}

TEST_CASE("the end of a connection is reported with its code, also if decide() closes") {
  steady::testing::ManualRuntime runtime;
  std::unique_ptr<steady::Socket> socket;
  socket = std::make_unique<steady::Socket>(
      with([&](Options& o) {
        o.reconnect.decide = [&](const steady::CloseInfo&) -> std::optional<steady::CloseAction> {
          socket->close();
          return {};
        };
      }),
      runtime);
  Recorder recorder(*socket);
  runtime.connection().accept();
  recorder.take();
  runtime.connection().close(4001);
  runtime.run_posted();
  const auto lines = recorder.take();
  bool is_reported = false;
  for (const auto& line : lines) is_reported |= line.starts_with("close 4001");
  CHECK(is_reported);
}
