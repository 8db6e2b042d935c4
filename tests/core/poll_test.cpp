// Dispatch::queued: which events poll() dispatches, and when.
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "catch.hpp"
#include "polled.hpp"

using steady::Dispatch;
using steady::Message;

namespace {

/// A Runtime that runs in the program's event loop.
struct Driven final : steady::Runtime {
  std::chrono::milliseconds now() const override { return inner.now(); }
  steady::TimerId start_timer(std::chrono::milliseconds delay,
                              std::function<void()> callback) override {
    return inner.start_timer(delay, std::move(callback));
  }
  void cancel_timer(steady::TimerId timer) override { inner.cancel_timer(timer); }
  void post(std::function<void()> callback) override { inner.post(std::move(callback)); }
  double random() override { return inner.random(); }
  void random_bytes(std::span<std::byte> bytes) override { inner.random_bytes(bytes); }
  std::unique_ptr<steady::Transport> make_transport() override { return inner.make_transport(); }
  void poll() override {
    ++polls;
    inner.run_posted_once();
  }

  steady::testing::ManualRuntime inner;
  int polls = 0;
};

}  // namespace

TEST_CASE("with queued dispatch handlers run only in poll()") {
  Fixture f(queued());
  f.runtime.connection().accept();
  f.runtime.connection().deliver_text("a");
  f.runtime.connection().deliver_binary("b");
  f.runtime.connection().close(1001);
  f.runtime.run_posted();
  CHECK(f.recorder.take() == Lines{});
  CHECK(f.socket.inbound_messages() == 2);
  CHECK(f.socket.poll() == 2);
  CHECK(f.recorder.take() == Lines{"state connecting", "state open", "open", "text a", "binary b",
                                   "state waiting", "close 1001 retry"});
  CHECK(f.socket.inbound_messages() == 0);
  CHECK(f.socket.poll() == 0);
}

TEST_CASE("a socket that is not polled still connects, sends pings and reconnects") {
  int provided = 0;
  Fixture f(queued([&](steady::Options& options) {
    options.provider = [&](const steady::ConnectReply& reply) {
      ++provided;
      reply.connect({.url = "ws://host/" + std::to_string(provided)});
    };
    options.greet = [](const steady::Greeting& connection) {
      connection.send("hello");
      connection.ready();
    };
    options.heartbeat = steady::HeartbeatOptions{};
  }));
  f.runtime.run_posted();
  f.runtime.connection().accept();
  f.runtime.advance(15s);
  CHECK(sent_texts(f.runtime.connection()) == Lines{"hello", R"({"type":"ping"})"});
  f.runtime.connection().drop();
  f.runtime.advance(1s);
  REQUIRE(f.runtime.transports() == 2);
  CHECK(f.runtime.connection().request().url == "ws://host/2");
  CHECK(f.recorder.take() == Lines{});
}

TEST_CASE("a message is dispatched before the end of its connection") {
  Polled f;
  f.receive("last words");
  f.runtime.connection().drop();
  f.runtime.advance(1s);
  f.runtime.connection().accept();
  f.receive("first words");
  CHECK(f.poll() == Lines{"text last words", "state waiting", "close 1006 retry",
                          "state connecting", "state open", "open", "text first words"});
}

TEST_CASE("poll() dispatches at most max_messages, and the next call continues") {
  Polled f;
  for (const char* text : {"1", "2", "3"}) f.receive(text);
  f.runtime.connection().drop();
  CHECK(f.poll({.max_messages = 2}) == Lines{"text 1", "text 2"});
  CHECK(f.socket.inbound_messages() == 1);
  CHECK(f.poll({.max_messages = 2}) == Lines{"text 3", "state waiting", "close 1006 retry"});
}

TEST_CASE("poll() returns after the message that exceeds max_time") {
  Polled f;
  f.socket.on_message([&](const Message&) { f.runtime.sleep(3ms); }).keep();
  for (const char* text : {"1", "2", "3"}) f.receive(text);
  CHECK(f.poll({.max_time = 5ms}) == Lines{"text 1", "text 2"});
  CHECK(f.poll({.max_time = 0ms}) == Lines{"text 3"});
}

TEST_CASE("poll() polls the runtime, with either dispatch") {
  for (const Dispatch dispatch : {Dispatch::immediate, Dispatch::queued}) {
    Driven runtime;
    steady::Socket socket(with([&](auto& options) { options.dispatch = dispatch; }), runtime);
    Recorder recorder(socket);
    socket.poll();
    CHECK(runtime.polls == 1);
    CHECK(recorder.take() == Lines{"state connecting"});
    runtime.inner.connection().accept();
    recorder.take();
    socket.suspend();
    socket.poll();
    CHECK(recorder.take().back() == "close 1005 retry");
  }
}

TEST_CASE("poll() inside a handler has no effect") {
  Polled f;
  std::size_t dispatched = 9;
  f.socket.on_message([&](const Message&) { dispatched = f.socket.poll(); }).keep();
  f.receive("1");
  f.receive("2");
  CHECK(f.poll() == Lines{"text 1", "text 2"});
  CHECK(dispatched == 0);
}

TEST_CASE("events caused by a handler are dispatched by the next poll()") {
  Polled f;
  f.socket.on_message([&](const Message&) { f.socket.suspend(); }).keep();
  f.receive("1");
  f.receive("2");
  CHECK(f.poll() == Lines{"text 1"});
  f.runtime.run_posted();
  CHECK(f.poll() == Lines{"state suspended", "close 1005 retry"});
}

TEST_CASE("queued messages are dropped when the user ends the connection") {
  for (const int way : {0, 1, 2}) {
    Polled f;
    f.receive("1");
    if (way == 0) f.socket.close();
    if (way == 1) f.socket.suspend();
    if (way == 2) f.socket.reconnect();
    CHECK(f.socket.inbound_messages() == 0);
    f.runtime.run_posted();
    for (const auto& line : f.poll()) CHECK(line != "text 1");
  }
}

TEST_CASE("messages received during the flush of a close are dispatched") {
  Polled f;
  f.runtime.connection().hold_buffer();
  f.socket.send("x");
  f.socket.close({.flush = true});
  f.receive("1");
  f.runtime.connection().drain();
  f.runtime.advance(20ms);
  f.runtime.connection().close(1005);
  CHECK(f.poll() == Lines{"state closing", "text 1", "state closed", "close 1005"});
}

TEST_CASE("a handler of poll() may destroy the socket, with messages and events behind it") {
  for (const bool by_event : {false, true}) {
    steady::testing::ManualRuntime runtime;
    auto socket = std::make_unique<steady::Socket>(queued(), runtime);
    int received = 0;
    socket
        ->on_message([&](const Message&) {
          ++received;
          if (!by_event) socket.reset();
        })
        .keep();
    socket
        ->on_open([&] {
          if (by_event) socket.reset();
        })
        .keep();
    runtime.connection().accept();
    runtime.connection().deliver_text("1");
    runtime.connection().deliver_text("2");
    runtime.connection().drop();
    socket->poll();
    CHECK(socket == nullptr);
    CHECK(received == (by_event ? 0 : 1));
    CHECK(runtime.timers() == 0);
  }
}

TEST_CASE("a handler subscribed by another receives the messages queued behind it") {
  steady::testing::ManualRuntime runtime;
  steady::Socket socket(queued(), runtime);
  Lines received;
  socket
      .on("welcome",
          [&](const Message&) {
            socket.on("state", [&](const Message& message) { received.emplace_back(message.data); })
                .keep();
          })
      .keep();
  runtime.connection().accept();
  socket.poll();
  runtime.connection().deliver_text(R"({"type":"welcome"})");
  runtime.connection().deliver_text(R"({"type":"state","n":1})");
  CHECK(socket.poll() == 2);
  CHECK(received == Lines{R"({"type":"state","n":1})"});
}

TEST_CASE("receiving during a dispatch does not change the type of the current message") {
  Polled f;
  Lines types;
  f.socket
      .on("*",
          [&](const Message&) {
            f.receive(R"({"type":"other, with an escape\u0061, and longer"})");
          })
      .keep();
  f.socket.on("*", [&](const Message& message) { types.emplace_back(message.type); }).keep();
  f.receive(R"({"type":"st\u0061te"})");
  f.poll({.max_messages = 1});
  CHECK(types == Lines{"state"});
}

TEST_CASE("a handler subscribed by another receives the rest of the same batch") {
  steady::testing::ManualRuntime runtime;
  steady::Socket socket(queued([](auto& options) { options.batch = steady::BatchOptions{}; }),
                        runtime);
  int received = 0;
  socket
      .on("a", [&](const Message&) { socket.on("b", [&](const Message&) { ++received; }).keep(); })
      .keep();
  runtime.connection().accept();
  socket.poll();
  runtime.connection().deliver_text(R"([{"type":"a"},{"type":"b"}])");
  socket.poll();
  CHECK(received == 1);
}

TEST_CASE("poll() accepts budgets of zero messages and of the maximum duration") {
  Polled f;
  for (const char* text : {"1", "2", "3"}) f.receive(text);
  CHECK(f.poll({.max_messages = 0}) == Lines{"text 1"});
  CHECK(f.poll({.max_time = std::chrono::milliseconds::max()}) == Lines{"text 2", "text 3"});
}
