// Handlers that call the Socket, or destroy it, while they run.
#include <memory>
#include <string>
#include <utility>

#include "catch.hpp"
#include "fixture.hpp"

using steady::Options;
using steady::Socket;
using steady::Subscription;
using steady::testing::ManualRuntime;

TEST_CASE("handlers may close, send and connect while they run") {
  Fixture f;
  const Subscription open = f.socket.on_open([&] {
    f.socket.send("from open");
    f.socket.close();
    f.socket.close();
    f.socket.send("too late");
    f.socket.connect();
  });
  f.runtime.run_posted();
  f.recorder.take();
  f.runtime.connection().accept();
  CHECK(f.recorder.take() == Lines{"state open", "open"});
  f.runtime.run_posted();
  CHECK(f.recorder.take() == Lines{"state closing", "drop 0 closed too late"});
  CHECK(sent_texts(f.runtime.connection()) == Lines{"from open"});
}

TEST_CASE("a handler that resends dropped messages does not block the event loop") {
  Fixture f(with([](Options& o) { o.queue.max_messages = 0; }));
  int calls = 0;
  const Subscription again = f.socket.on_drop([&](const steady::Drop&) {
    REQUIRE(++calls <= 1);
    f.socket.send("again");
  });
  f.socket.send("once");
  // One turn of the loop: the second drop is reported in the next.
  f.runtime.run_posted_once();
  CHECK(calls == 1);
  calls = 0;
  f.runtime.run_posted_once();
  CHECK(calls == 1);
}

TEST_CASE("every handler may destroy the socket") {
  const auto destroyed_by = [](auto subscribe, auto provoke) {
    ManualRuntime runtime;
    auto socket = std::make_unique<Socket>(options_for_tests(), runtime);
    int later_calls = 0;
    const auto destroy = [&](auto&&...) { socket.reset(); };
    const Subscription first = subscribe(*socket, destroy);
    const Subscription second = subscribe(*socket, [&](auto&&...) { ++later_calls; });
    provoke(runtime, *socket);
    runtime.run_posted();
    CHECK(socket == nullptr);
    CHECK(later_calls == 0);
    CHECK(runtime.timers() == 0);
    CHECK(runtime.connection().abandoned());
  };
  const auto accept = [](ManualRuntime& r, Socket&) { r.connection().accept(); };
  const auto fail = [](ManualRuntime& r, Socket&) { r.connection().drop(); };
  const auto text = [](ManualRuntime& r, Socket&) {
    r.connection().accept();
    r.connection().deliver_text(R"({"type":"a"})");
  };
  destroyed_by([](Socket& s, auto handler) { return s.on_open(handler); }, accept);
  destroyed_by([](Socket& s, auto handler) { return s.on_state_change(handler); }, accept);
  destroyed_by([](Socket& s, auto handler) { return s.on_close(handler); }, fail);
  destroyed_by([](Socket& s, auto handler) { return s.on_message(handler); }, text);
  destroyed_by([](Socket& s, auto handler) { return s.on("a", handler); }, text);
  destroyed_by([](Socket& s, auto handler) { return s.on("*", handler); }, text);
  destroyed_by([](Socket& s, auto handler) { return s.on_error(handler); },
               [](ManualRuntime& r, Socket&) { r.advance(10s); });
  destroyed_by([](Socket& s, auto handler) { return s.on_drop(handler); },
               [](ManualRuntime&, Socket& s) { s.send(std::string(20'000'000, 'x')); });
}

TEST_CASE("a message read by a handler that destroys the socket stays readable until it returns") {
  ManualRuntime runtime;
  auto socket = std::make_unique<Socket>(options_for_tests(), runtime);
  std::string seen;
  const Subscription a = socket->on("a", [&](const steady::Message& message) {
    socket.reset();
    seen = std::string(message.type) + std::string(message.data);
  });
  runtime.connection().accept();
  runtime.connection().deliver_text(R"({"type":"a"})");
  CHECK(seen == R"(a{"type":"a"})");
}

TEST_CASE("a destroyed socket leaves no timer, no connection and no pending call") {
  ManualRuntime runtime;
  {
    Socket socket(options_for_tests(), runtime);
    socket.send("1");
  }
  runtime.run_posted();
  CHECK(runtime.timers() == 0);
  CHECK(runtime.connection().abandoned());
}

TEST_CASE("a socket may own its runtime") {
  auto owned = std::make_unique<ManualRuntime>();
  ManualRuntime& runtime = *owned;
  Socket socket(options_for_tests(), std::move(owned));
  runtime.connection().accept();
  CHECK(socket.state() == State::open);
}
