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

/// A Runtime whose event loop is the program's.
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

TEST_CASE("with queued dispatch handlers run in poll() and nowhere else") {
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

TEST_CASE("a socket that is not polled connects, answers and reconnects all the same") {
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

TEST_CASE("a message that was received before the connection ended is told before its end") {
  Polled f;
  f.receive("last words");
  f.runtime.connection().drop();
  f.runtime.advance(1s);
  f.runtime.connection().accept();
  f.receive("first words");
  CHECK(f.poll() == Lines{"text last words", "state waiting", "close 1006 retry",
                          "state connecting", "state open", "open", "text first words"});
}

TEST_CASE("a budget of messages leaves the others for the next call") {
  Polled f;
  for (const char* text : {"1", "2", "3"}) f.receive(text);
  f.runtime.connection().drop();
  CHECK(f.poll({.max_messages = 2}) == Lines{"text 1", "text 2"});
  CHECK(f.socket.inbound_messages() == 1);
  CHECK(f.poll({.max_messages = 2}) == Lines{"text 3", "state waiting", "close 1006 retry"});
}

TEST_CASE("a budget of time ends the call with the message that uses it up") {
  Polled f;
  f.socket.on_message([&](const Message&) { f.runtime.sleep(3ms); }).keep();
  for (const char* text : {"1", "2", "3"}) f.receive(text);
  CHECK(f.poll({.max_time = 5ms}) == Lines{"text 1", "text 2"});
  CHECK(f.poll({.max_time = 0ms}) == Lines{"text 3"});
}

TEST_CASE("poll() drives the runtime, for both dispatches") {
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

TEST_CASE("poll() from inside a handler does nothing") {
  Polled f;
  std::size_t told = 9;
  f.socket.on_message([&](const Message&) { told = f.socket.poll(); }).keep();
  f.receive("1");
  f.receive("2");
  CHECK(f.poll() == Lines{"text 1", "text 2"});
  CHECK(told == 0);
}

TEST_CASE("what a handler makes happen is told by the next poll()") {
  Polled f;
  f.socket.on_message([&](const Message&) { f.socket.suspend(); }).keep();
  f.receive("1");
  f.receive("2");
  CHECK(f.poll() == Lines{"text 1"});
  f.runtime.run_posted();
  CHECK(f.poll() == Lines{"state suspended", "close 1005 retry"});
}

TEST_CASE("what waits is not told after the user has ended the connection") {
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

TEST_CASE("what comes during the flush of a close is told") {
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
    int heard = 0;
    socket
        ->on_message([&](const Message&) {
          ++heard;
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
    CHECK(heard == (by_event ? 0 : 1));
    CHECK(runtime.timers() == 0);
  }
}

TEST_CASE("a handler that subscribes hears what waits behind its message") {
  steady::testing::ManualRuntime runtime;
  steady::Socket socket(queued(), runtime);
  Lines heard;
  socket
      .on("welcome",
          [&](const Message&) {
            socket.on("state", [&](const Message& message) { heard.emplace_back(message.data); })
                .keep();
          })
      .keep();
  runtime.connection().accept();
  socket.poll();
  runtime.connection().deliver_text(R"({"type":"welcome"})");
  runtime.connection().deliver_text(R"({"type":"state","n":1})");
  CHECK(socket.poll() == 2);
  CHECK(heard == Lines{R"({"type":"state","n":1})"});
}

TEST_CASE("what is received while a message is told does not change its type") {
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

TEST_CASE("a handler that subscribes hears what is behind its message in a batch") {
  steady::testing::ManualRuntime runtime;
  steady::Socket socket(queued([](auto& options) { options.batch = steady::BatchOptions{}; }),
                        runtime);
  int heard = 0;
  socket.on("a", [&](const Message&) { socket.on("b", [&](const Message&) { ++heard; }).keep(); })
      .keep();
  runtime.connection().accept();
  socket.poll();
  runtime.connection().deliver_text(R"([{"type":"a"},{"type":"b"}])");
  socket.poll();
  CHECK(heard == 1);
}

TEST_CASE("budgets without sense do not stop a program") {
  Polled f;
  for (const char* text : {"1", "2", "3"}) f.receive(text);
  CHECK(f.poll({.max_messages = 0}) == Lines{"text 1"});
  CHECK(f.poll({.max_time = std::chrono::milliseconds::max()}) == Lines{"text 2", "text 3"});
}
