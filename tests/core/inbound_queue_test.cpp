// Limits of the inbound queue, and conflation.
#include <cstddef>
#include <string>
#include <vector>

#include "allocations.hpp"
#include "catch.hpp"
#include "polled.hpp"

using steady::ErrorCode;
using steady::InboundOverflow;
using steady::Message;

TEST_CASE(
    "a message without a handler is not queued if no handler can be added before its dispatch") {
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

TEST_CASE("with a handler of binary messages only, text messages are not queued") {
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

TEST_CASE("an inbound overflow ends the connection until poll() has dispatched the queue") {
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

TEST_CASE("after an inbound overflow, no hint of the platform connects before poll()") {
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

TEST_CASE("repeated inbound overflows are retried with growing delays, up to max_attempts") {
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

TEST_CASE("a text message whose size is known only after reading has the same limit") {
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

TEST_CASE("memory for long message types is released") {
  Polled f;
  const std::string type(100'000, 'x');
  const auto before = live_allocations();
  for (int i = 0; i < 10; ++i) {
    for (int j = 0; j < 50; ++j) f.receive(j == i ? R"({"type":")" + type + "\"}" : "small");
    f.poll();
  }
  // Entries are kept for reuse, without their strings.
  CHECK(live_allocations() - before < 100);
}

TEST_CASE("a socket that the user has suspended stays suspended after poll()") {
  Polled f([](auto& inbound) { inbound.max_messages = 1; });
  for (const char* text : {"1", "2"}) f.receive(text);
  f.socket.suspend();
  f.socket.poll();
  CHECK(f.socket.state() == State::suspended);
  CHECK(f.runtime.transports() == 1);
}

TEST_CASE("with drop_oldest, an inbound overflow is reported once and counted in stats()") {
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

TEST_CASE("the inbound limit counts bytes, and a message above it is reported as too large") {
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

TEST_CASE("a newer message of a conflated type replaces the older, and is queued last") {
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

TEST_CASE("any type and binary messages can be conflated") {
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

TEST_CASE("100000 messages of a conflated type take one entry of the inbound queue") {
  Polled f([](auto& inbound) {
    inbound.conflate = {"state"};
    inbound.max_messages = 1;
  });
  for (int i = 0; i < 100'000; ++i) f.receive_state(i);
  CHECK(f.poll() == Lines{R"(text {"type":"state","n":99999})"});
}

TEST_CASE("an inbound overflow drops messages without a handler first") {
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

TEST_CASE("the messages of a batch are queued one by one, up to a malformed element") {
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

TEST_CASE("a message that does not fit in memory is reported, and later ones are dispatched") {
  Polled f;
  f.runtime.connection().run_out_of_memory();
  f.receive("1");
  f.receive("2");
  f.runtime.run_posted();
  CHECK(f.poll() == Lines{"error out_of_memory", "text 2"});
}

TEST_CASE("receiving and dispatching a message allocates nothing in the steady state") {
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

TEST_CASE("an inbound queue of size zero is rejected") {
  steady::Options options = queued();
  options.inbound.max_messages = 0;
  CHECK(validate(options).code == ErrorCode::invalid_option);
  options = queued();
  options.inbound.max_bytes = 0;
  CHECK(validate(options).code == ErrorCode::invalid_option);
}
