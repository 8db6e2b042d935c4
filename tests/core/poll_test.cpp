// Dispatch::queued: what a program that has frames hears, and when.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "allocations.hpp"
#include "catch.hpp"
#include "fixture.hpp"
#include "steady/json.hpp"

using steady::Dispatch;
using steady::ErrorCode;
using steady::InboundOverflow;
using steady::Message;

namespace {

steady::Options queued(const std::function<void(steady::Options&)>& change = {}) {
  return with([&](steady::Options& options) {
    options.dispatch = Dispatch::queued;
    if (change) change(options);
  });
}

/// Connected, and that told.
struct Polled : Fixture {
  explicit Polled(const std::function<void(steady::InboundOptions&)>& change = {})
      : Fixture(queued([&](steady::Options& options) {
          if (change) change(options.inbound);
        })) {
    runtime.connection().accept();
    socket.poll();
    recorder.take();
  }

  Lines poll(const steady::PollBudget& budget = {}) {
    socket.poll(budget);
    return recorder.take();
  }
  void receive(std::string_view text) { runtime.connection().deliver_text(text); }
  void receive_state(int number) {
    receive(R"({"type":"state","n":)" + std::to_string(number) + "}");
  }
};

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
    options.begin_session = [](const steady::Session& session) {
      session.send("hello");
      session.ready();
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

TEST_CASE("a message that nobody wants does not wait where nobody can come to want it") {
  steady::testing::ManualRuntime runtime;
  steady::Socket socket(queued(), runtime);
  socket.on("state", [](const Message&) {}).keep();
  runtime.connection().accept();
  socket.poll();
  const std::string big = R"({"type":"chat","text":")" + std::string(100'000, 'x') + "\"}";
  for (int i = 0; i < 3; ++i) runtime.connection().deliver_text(big);
  runtime.connection().deliver_text("no JSON");
  runtime.connection().deliver_binary("b");
  CHECK(socket.inbound_messages() == 0);
}

TEST_CASE("who hears binary messages has no text wait") {
  steady::testing::ManualRuntime runtime;
  steady::Socket socket(queued(), runtime);
  std::vector<std::size_t> sizes;
  auto subscription =
      socket.on_binary([&](const Message& message) { sizes.push_back(message.bytes().size()); });
  runtime.connection().accept();
  runtime.connection().deliver_text("text");
  runtime.connection().deliver_text(R"({"type":""})");
  CHECK(socket.inbound_messages() == 0);
  runtime.connection().deliver_binary("abc");
  CHECK(socket.poll() == 1);
  CHECK(sizes == std::vector<std::size_t>{3});
  subscription.unsubscribe();
  runtime.connection().deliver_binary("abc");
  CHECK(socket.inbound_messages() == 0);
}

TEST_CASE("more than may wait gives up the connection until poll() has told what waits") {
  Polled f([](auto& inbound) { inbound.max_messages = 2; });
  for (const char* text : {"1", "2", "3"}) f.receive(text);
  CHECK(f.socket.state() == State::waiting);
  CHECK(f.socket.error().code == ErrorCode::inbound_overflow);
  CHECK(f.runtime.connection().abandoned());
  f.runtime.advance(24h);
  f.runtime.notice(steady::Hint::wake);
  CHECK(f.socket.state() == State::suspended);
  CHECK(f.runtime.transports() == 1);
  CHECK(f.poll({.max_messages = 1}) == Lines{"text 1"});
  CHECK(f.runtime.transports() == 1);
  CHECK(f.poll() == Lines{"text 2", "error inbound_overflow", "state waiting", "close 1006 retry",
                          "state suspended"});
  CHECK(f.runtime.transports() == 2);
  f.runtime.connection().accept();
  f.receive("4");
  CHECK(f.poll() == Lines{"state connecting", "state open", "open", "text 4"});
}

TEST_CASE("no hint of the platform ends the wait for poll()") {
  Polled f([](auto& inbound) { inbound.max_messages = 1; });
  for (const char* text : {"1", "2"}) f.receive(text);
  for (const auto hint : {steady::Hint::wake, steady::Hint::offline, steady::Hint::online}) {
    f.runtime.notice(hint);
    CHECK(f.socket.state() == (hint == steady::Hint::wake ? State::waiting : State::suspended));
    CHECK(f.runtime.transports() == 1);
  }
  f.socket.poll();
  CHECK(f.runtime.transports() == 2);
}

TEST_CASE("a server whose greeting does not fit is tried again with backoff, and given up") {
  Fixture f(queued([](auto& options) {
    options.inbound.max_messages = 1;
    options.reconnect.max_attempts = 3;
  }));
  for (int frame = 0; frame < 10'000; ++frame) {
    if (f.socket.state() == State::connecting) {
      f.runtime.connection().accept();
      f.runtime.connection().deliver_text("1");
      f.runtime.connection().deliver_text("2");
    }
    f.runtime.advance(16ms);
    f.socket.poll();
  }
  CHECK(f.runtime.transports() == 4);
  CHECK(f.socket.state() == State::closed);
}

TEST_CASE("a text whose size is known only when it is read has the same bound") {
  std::string text;
  for (int i = 0; i < 60; ++i) text += "\xC3\xA9";
  for (const auto overflow : {InboundOverflow::fail, InboundOverflow::drop_oldest}) {
    Polled f([&](auto& inbound) {
      inbound.max_bytes = 100;
      inbound.overflow = overflow;
    });
    f.receive(text);
    f.receive("small");
    f.runtime.run_posted();
    CHECK(f.poll() == Lines{"error message_too_large", "text small"});
  }
}

TEST_CASE("the memory of long types is given back") {
  Polled f;
  const std::string type(100'000, 'x');
  const auto before = live_allocations();
  for (int i = 0; i < 10; ++i) {
    for (int j = 0; j < 50; ++j) f.receive(j == i ? R"({"type":")" + type + "\"}" : "small");
    f.poll();
  }
  // Entries for use again, and no texts beside them.
  CHECK(live_allocations() - before < 100);
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

TEST_CASE("drained is told in its place") {
  Polled f;
  f.socket.drained([&](const steady::Error&) { f.recorder.lines.emplace_back("drained"); });
  f.runtime.run_posted();
  f.receive("1");
  f.runtime.connection().drop();
  CHECK(f.poll() == Lines{"drained", "text 1", "state waiting", "close 1006 retry"});
}

TEST_CASE("dropped payloads that wait for poll() have the bound of the queue") {
  Fixture f(queued([](auto& options) {
    options.queue = {.max_bytes = 1'000, .overflow = steady::Overflow::drop_oldest};
  }));
  static std::size_t alive = 0;
  alive = 0;
  for (int i = 0; i < 100; ++i) {
    ++alive;
    f.socket.send(steady::Payload::external(steady::MessageKind::text, 1, 900,
                                            [](std::uint32_t) { --alive; }));
  }
  f.runtime.run_posted();
  CHECK(alive <= 3);
}

TEST_CASE("budgets without sense do not stop a program") {
  Polled f;
  for (const char* text : {"1", "2", "3"}) f.receive(text);
  CHECK(f.poll({.max_messages = 0}) == Lines{"text 1"});
  CHECK(f.poll({.max_time = std::chrono::milliseconds::max()}) == Lines{"text 2", "text 3"});
}

TEST_CASE("who was suspended by the user stays so when poll() has told what waits") {
  Polled f([](auto& inbound) { inbound.max_messages = 1; });
  for (const char* text : {"1", "2"}) f.receive(text);
  f.socket.suspend();
  f.socket.poll();
  CHECK(f.socket.state() == State::suspended);
  CHECK(f.runtime.transports() == 1);
}

TEST_CASE("by choice the oldest give way, which is told once and counted") {
  Polled f([](auto& inbound) {
    inbound.max_messages = 2;
    inbound.overflow = InboundOverflow::drop_oldest;
  });
  for (const char* text : {"1", "2", "3", "4"}) f.receive(text);
  CHECK(f.socket.state() == State::open);
  CHECK(f.socket.stats().inbound_dropped == 2);
  f.runtime.run_posted();
  CHECK(f.poll() == Lines{"text 3", "error inbound_overflow", "text 4"});
  for (const char* text : {"5", "6", "7"}) f.receive(text);
  f.runtime.run_posted();
  CHECK(f.poll() == Lines{"text 6", "text 7", "error inbound_overflow"});
  CHECK(f.socket.stats().inbound_dropped == 3);
}

TEST_CASE("the bound counts bytes, too, and a message beyond it is told as too large") {
  Polled f([](auto& inbound) {
    inbound.max_bytes = 10;
    inbound.overflow = InboundOverflow::drop_oldest;
  });
  f.receive("123456");
  f.receive("1234567");
  f.receive("12345678901");
  f.runtime.run_posted();
  CHECK(f.poll() == Lines{"text 1234567", "error inbound_overflow", "error message_too_large"});
}

TEST_CASE("of a conflated type only the newest waits, in its own place") {
  Polled f([](auto& inbound) { inbound.conflate = {"state"}; });
  f.receive_state(1);
  f.receive("a");
  f.receive_state(2);
  f.receive("b");
  f.receive(R"({"type":"other"})");
  f.receive(R"({"type":"other"})");
  CHECK(f.poll() == Lines{"text a", R"(text {"type":"state","n":2})", "text b",
                          R"(text {"type":"other"})", R"(text {"type":"other"})"});
  CHECK(f.socket.stats().inbound_dropped == 0);
}

TEST_CASE("every type, and binary messages, can be conflated") {
  Polled f([](auto& inbound) { inbound.conflate = {"*", ""}; });
  for (const char* text : {R"({"type":"a","n":1})", "no type", R"({"type":"b"})",
                           R"({"type":"a","n":2})", "no type", R"({"type":""})"}) {
    f.receive(text);
  }
  f.runtime.connection().deliver_binary("x");
  f.runtime.connection().deliver_binary("y");
  CHECK(f.poll() == Lines{"text no type", R"(text {"type":"b"})", R"(text {"type":"a","n":2})",
                          "text no type", R"(text {"type":""})", "binary y"});
}

TEST_CASE("a hidden page's worth of conflated state waits as one message") {
  Polled f([](auto& inbound) {
    inbound.conflate = {"state"};
    inbound.max_messages = 1;
  });
  for (int i = 0; i < 100'000; ++i) f.receive_state(i);
  CHECK(f.poll() == Lines{R"(text {"type":"state","n":99999})"});
}

TEST_CASE("where there is no room those that nobody wants are forgotten first") {
  steady::testing::ManualRuntime runtime;
  steady::Socket socket(queued([](auto& options) { options.inbound.max_messages = 3; }), runtime);
  int states = 0;
  socket.on("state", [&](const Message&) { ++states; }).keep();
  runtime.connection().accept();
  for (int i = 0; i < 3; ++i) {
    runtime.connection().deliver_text(R"({"type":"state"})");
    for (int j = 0; j < 5; ++j) runtime.connection().deliver_text(R"({"type":"chat"})");
  }
  socket.poll();
  CHECK(states == 3);
  CHECK(socket.state() == State::open);
}

TEST_CASE("the messages of a batch are kept one by one, up to where it is malformed") {
  Fixture f(queued([](auto& options) {
    options.batch = steady::BatchOptions{};
    options.inbound.conflate = {"state"};
  }));
  f.runtime.connection().accept();
  f.socket.poll();
  f.recorder.take();
  f.runtime.connection().deliver_text(R"([{"type":"state","n":1},"x",{"type":"state","n":2},[)");
  f.runtime.run_posted();
  f.socket.poll();
  CHECK(f.recorder.take() ==
        Lines{R"(text "x")", R"(text {"type":"state","n":2})", "error malformed_message"});
}

TEST_CASE("a message that does not fit in memory is told, and the others go on") {
  Polled f;
  f.runtime.connection().run_out_of_memory();
  f.receive("1");
  f.receive("2");
  f.runtime.run_posted();
  CHECK(f.poll() == Lines{"error out_of_memory", "text 2"});
}

TEST_CASE("a value that does not decode is told by the next poll()") {
  Polled f;
  f.socket.on<steady::json>("n", [](const steady::json&) {}).keep();
  f.receive(R"({"type":"n","rest":)");
  f.poll();
  f.runtime.run_posted();
  CHECK(f.poll() == Lines{"error malformed_message"});
}

TEST_CASE("drained() answers in poll()") {
  Polled f;
  int drained = 0;
  f.socket.drained([&](const steady::Error&) { ++drained; });
  f.runtime.run_posted();
  CHECK(drained == 0);
  f.socket.poll();
  CHECK(drained == 1);
}

TEST_CASE("events that nobody polls for are forgotten beyond the bound, and that is told") {
  Polled f;
  for (int i = 0; i < 1'000; ++i) {
    f.runtime.connection().drop();
    f.runtime.advance(10s);
    f.runtime.connection().accept();
  }
  const Lines told = f.poll();
  CHECK(told.size() == 1'000);
  CHECK(told.back() == "open");
  f.runtime.run_posted();
  CHECK(f.poll() == Lines{"error inbound_overflow"});
  f.runtime.connection().drop();
  f.runtime.run_posted();
  CHECK(f.poll() == Lines{"state waiting", "close 1006 retry"});
}

TEST_CASE("a dropped payload does not wait for a poll() in which nobody wants to hear of it") {
  steady::testing::ManualRuntime runtime;
  steady::Socket socket(queued([](auto& options) {
                          options.queue = {.max_messages = 1,
                                           .overflow = steady::Overflow::drop_oldest};
                        }),
                        runtime);
  static int released = 0;
  released = 0;
  for (int i = 0; i < 10; ++i) {
    socket.send(steady::Payload::external(steady::MessageKind::text, 1, 1,
                                          [](std::uint32_t) { ++released; }));
  }
  runtime.run_posted();
  CHECK(released == 9);
}

TEST_CASE("a listener is told by the event loop, whatever the dispatch") {
  struct Listener : steady::SocketListener {
    void on_open() override { ++opened; }
    void on_close(const steady::CloseInfo&) override {}
    void on_error(const steady::Error&) override {}
    void on_state_change(const steady::StateChange&) override {}
    void on_drop(const steady::Drop&) override {}
    void on_outcome(const steady::Outcome&) override {}
    void on_drained(const steady::Error&) override { ++drained; }
    int opened = 0;
    int drained = 0;
  } listener;
  Fixture f(queued());
  f.socket.listen(listener);
  f.socket.drained({});
  f.runtime.connection().accept();
  f.runtime.run_posted();
  CHECK(listener.opened == 1);
  CHECK(listener.drained == 1);
  CHECK(f.recorder.take() == Lines{});
}

TEST_CASE("receiving and telling a message allocates nothing, once as many have waited before") {
  steady::testing::ManualRuntime runtime;
  steady::Socket socket(queued([](auto& options) { options.inbound.conflate = {"state"}; }),
                        runtime);
  std::size_t bytes = 0;
  socket.on("state", [&](const Message& message) { bytes += message.data.size(); }).keep();
  socket.on("hit", [&](const Message& message) { bytes += message.data.size(); }).keep();
  socket.on_message([&](const Message& message) { bytes += message.bytes().size(); }).keep();
  runtime.connection().accept();
  const std::string state = R"({"type":"state","world":")" + std::string(3'000, 'x') + "\"}";
  const auto frame = [&] {
    for (int i = 0; i < 10; ++i) {
      runtime.connection().deliver_text(state);
      runtime.connection().deliver_text(R"({"type":"hit","by":"somebody"})");
      runtime.connection().deliver_binary("0123456789");
    }
    socket.poll();
  };
  for (int i = 0; i < 40; ++i) frame();
  const auto before = allocations() + reallocations();
  for (int i = 0; i < 100; ++i) frame();
  CHECK(allocations() + reallocations() == before);
  CHECK(bytes > 0);
}

TEST_CASE("an inbound queue without room is refused") {
  steady::Options options = queued();
  options.inbound.max_messages = 0;
  CHECK(validate(options).code == ErrorCode::invalid_option);
  options = queued();
  options.inbound.max_bytes = 0;
  CHECK(validate(options).code == ErrorCode::invalid_option);
}

namespace {

/// What should wait, written the plain way.
struct Expected {
  struct Item {
    std::string line;
    /// Of a message: its type, or "-" without one.
    std::string type;
    std::size_t size = 0;
    bool is_message = true;
  };

  explicit Expected(steady::InboundOptions bounds) : options(std::move(bounds)) {}

  static bool is_wanted(const Item& item) { return item.type == "hit" || item.type == "state"; }
  std::size_t messages() const {
    return static_cast<std::size_t>(std::count_if(
        items.begin(), items.end(), [](const Item& item) { return item.is_message; }));
  }
  bool fits(const Item& added) const {
    std::size_t bytes = added.size;
    for (const Item& item : items) bytes += item.size;
    return messages() < options.max_messages && bytes <= options.max_bytes;
  }

  void event(const std::string& line) { items.push_back({line, {}, 0, false}); }

  void receive(const Item& item) {
    if (items.empty() && !is_wanted(item)) return;
    if (item.type == "state") {
      std::erase_if(items, [](const Item& other) { return other.type == "state"; });
    }
    for (std::size_t i = 0; i < items.size() && !fits(item);) {
      const bool goes = items[i].is_message && !is_wanted(items[i]);
      if (goes) items.erase(items.begin() + static_cast<std::ptrdiff_t>(i));
      if (!goes) ++i;
    }
    if (!fits(item) && !is_wanted(item)) return;
    while (!fits(item)) {
      items.erase(std::find_if(items.begin(), items.end(),
                               [](const Item& other) { return other.is_message; }));
      ++drops;
    }
    items.push_back(item);
  }

  Lines poll(std::size_t budget) {
    Lines lines;
    while (!items.empty()) {
      const Item item = items.front();
      if (item.is_message && budget-- == 0) break;
      items.erase(items.begin());
      if (!item.is_message || is_wanted(item)) lines.push_back(item.line);
    }
    return lines;
  }

  steady::InboundOptions options;
  std::vector<Item> items;
  std::uint64_t drops = 0;
};

/// A random life, compared step by step.
void live(std::uint64_t seed) {
  INFO("seed " << seed);
  steady::testing::ManualRuntime dice(seed);
  const auto draw = [&](int below) { return static_cast<int>(dice.random() * below); };

  Expected expected({.max_messages = static_cast<std::size_t>(1 + draw(8)),
                     .max_bytes = static_cast<std::size_t>(60 + draw(200)),
                     .overflow = InboundOverflow::drop_oldest,
                     .conflate = {"state"}});
  steady::testing::ManualRuntime runtime;
  steady::Socket socket(queued([&](auto& options) { options.inbound = expected.options; }),
                        runtime);
  Lines lines;
  const auto record = [&](const Message& message) { lines.emplace_back(message.data); };
  socket.on("hit", record).keep();
  socket.on("state", record).keep();
  socket.on_open([&] { lines.emplace_back("open"); }).keep();
  socket.on_close([&](const steady::CloseInfo&) { lines.emplace_back("close"); }).keep();
  runtime.run_posted();
  socket.poll();

  bool is_open = false;
  int number = 0;
  for (int step = 0; step < 300; ++step) {
    const int what = draw(10);
    if (what < 6 && is_open) {
      const std::string type = std::vector<std::string>{"hit", "state", "chat", "-"}.at(
          static_cast<std::size_t>(draw(4)));
      std::string text = type == "-" ? "plain" : R"({"type":")" + type + R"(","n":)";
      text += std::to_string(++number) + std::string(static_cast<std::size_t>(draw(20)), ' ');
      if (type != "-") text += "}";
      runtime.connection().deliver_text(text);
      expected.receive({text, type, text.size()});
    } else if (what == 6 && is_open) {
      runtime.connection().drop();
      is_open = false;
      expected.event("state");
      expected.event("close");
    } else if (what == 7 && !is_open) {
      if (socket.state() == State::waiting) {
        runtime.advance(10s);
        expected.event("state");
      }
      runtime.connection().accept();
      is_open = true;
      expected.event("state");
      expected.event("open");
    } else if (what > 7) {
      const auto budget = static_cast<std::size_t>(1 + draw(4));
      socket.poll({.max_messages = budget});
      Lines wanted = expected.poll(budget);
      std::erase(wanted, "state");
      REQUIRE(std::exchange(lines, {}) == wanted);
    }
    REQUIRE(socket.inbound_messages() == expected.messages());
    REQUIRE(socket.stats().inbound_dropped == expected.drops);
  }
}

}  // namespace

TEST_CASE("whatever comes, and whenever it is polled, what is told is what should be") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) live(seed);
}
