// Events other than messages, dispatched by poll().
#include <cstddef>
#include <cstdint>

#include "catch.hpp"
#include "polled.hpp"
#include "steady/json.hpp"

TEST_CASE("the result of drained() is dispatched in order with other events") {
  Polled f;
  f.socket.drained([&](const steady::Error&) { f.recorder.lines.emplace_back("drained"); });
  f.runtime.run_posted();
  f.receive("1");
  f.runtime.connection().drop();
  CHECK(f.poll() == Lines{"drained", "text 1", "state waiting", "close 1006 retry"});
}

TEST_CASE("dropped payloads that wait for poll() are limited by queue.max_bytes") {
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

TEST_CASE("a value that does not decode is reported by the next poll()") {
  Polled f;
  f.socket.on<steady::json>("n", [](const steady::json&) {}).keep();
  f.receive(R"({"type":"n","rest":)");
  f.poll();
  f.runtime.run_posted();
  CHECK(f.poll() == Lines{"error malformed_message"});
}

TEST_CASE("the callback of drained() runs in poll()") {
  Polled f;
  int drained = 0;
  f.socket.drained([&](const steady::Error&) { ++drained; });
  f.runtime.run_posted();
  CHECK(drained == 0);
  f.socket.poll();
  CHECK(drained == 1);
}

TEST_CASE("events that are not polled are dropped above the limit, which is reported") {
  Polled f;
  for (int i = 0; i < 1'000; ++i) {
    f.runtime.connection().drop();
    f.runtime.advance(10s);
    f.runtime.connection().accept();
  }
  const Lines events = f.poll();
  CHECK(events.size() == 1'000);
  CHECK(events.back() == "open");
  f.runtime.run_posted();
  CHECK(f.poll() == Lines{"error inbound_overflow"});
  f.runtime.connection().drop();
  f.runtime.run_posted();
  CHECK(f.poll() == Lines{"state waiting", "close 1006 retry"});
}

TEST_CASE("a dropped payload is not kept for poll() if there is no drop handler") {
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

TEST_CASE("a listener is called from the event loop, with either dispatch") {
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
