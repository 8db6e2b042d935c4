// Regressions found by the random lives of tests/simulation/.
#include <optional>
#include <string>
#include <utility>

#include "catch.hpp"
#include "recorder.hpp"

using steady::CloseInfo;
using steady::ConnectReply;
using steady::Greeting;
using steady::Options;
using steady::Payload;
using steady::SendOptions;
using steady::Socket;
using steady::Start;
using steady::testing::ManualRuntime;

TEST_CASE("a second reply of a provider during the greeting has no effect") {
  ManualRuntime runtime;
  std::optional<ConnectReply> reply;
  std::optional<Greeting> greeting;
  Options options;
  options.provider = [&reply](const ConnectReply& given) { reply.emplace(given); };
  options.greet = [&greeting](const Greeting& begun) { greeting.emplace(begun); };
  Socket socket(std::move(options), runtime);
  runtime.run_posted();
  reply->connect({"ws://host/1", {}, {}});
  runtime.connection().accept();
  REQUIRE(greeting);

  reply->connect({"ws://host/2", {}, {}});
  reply->fail("too late");
  runtime.advance(1ms);
  CHECK(runtime.transports() == 1);
  CHECK_FALSE(runtime.connection().abandoned());
  CHECK(socket.state() == State::open);
  greeting->ready();
  socket.send("a");
  CHECK(sent_texts(runtime.connection()) == Lines{"a"});
}

TEST_CASE("a destroyed socket leaves no timer of a queued message with a ttl") {
  ManualRuntime runtime;
  std::optional<Socket> socket(std::in_place, options_for_tests(), runtime);
  SendOptions wanted;
  wanted.ttl = 1s;
  socket->send("a", wanted);
  socket.reset();
  runtime.run_posted();
  CHECK(runtime.timers() == 0);
}

TEST_CASE("a batch of which a part was sent is unconfirmed as a whole") {
  ManualRuntime runtime;
  Options options = options_for_tests();
  options.batch = steady::BatchOptions{};
  Socket socket(std::move(options), runtime);
  Recorder recorder(socket);
  runtime.connection().accept();
  runtime.connection().hold_buffer();
  socket.send("before");
  for (const char* text : {"1", "2", "3"}) socket.send(Payload::json(text));
  runtime.run_posted();
  REQUIRE(sent_texts(runtime.connection()) == Lines{"before", "[1,2,3]"});
  recorder.take();

  SECTION("most of it unsent, the message before it sent") {
    runtime.connection().drain(std::string("before").size());
  }
  SECTION("little of it unsent") { runtime.connection().drain(std::string("before[1,2,3").size()); }
  runtime.connection().drop();
  Lines drops;
  for (const std::string& line : recorder.take()) {
    if (line.starts_with("drop")) drops.push_back(line);
  }
  CHECK(drops == Lines{"drop 1 unconfirmed 1", "drop 2 unconfirmed 2", "drop 3 unconfirmed 3"});
}

TEST_CASE("a message that displaces others under drop_oldest still replaces the one with its key") {
  ManualRuntime runtime;
  Options options = options_for_tests();
  options.queue.max_bytes = 10;
  options.queue.overflow = steady::Overflow::drop_oldest;
  Socket socket(std::move(options), runtime);
  Recorder recorder(socket);
  SendOptions keyed;
  keyed.key = "k";
  socket.send("12345");
  socket.send("old", keyed);
  socket.send("newer", keyed);
  socket.send("newer+", keyed);
  runtime.connection().accept();
  CHECK(sent_texts(runtime.connection()) == Lines{"newer+"});
}

TEST_CASE("max_elapsed counts from the first attempt, not from a suspend before it") {
  ManualRuntime runtime;
  Options options = options_for_tests();
  options.start = Start::on_connect;
  options.reconnect.max_elapsed = 1min;
  Socket socket(std::move(options), runtime);
  socket.suspend();
  runtime.advance(1h);
  socket.resume();
  runtime.connection().fail();
  CHECK(socket.state() == State::waiting);
}

TEST_CASE("a stable connection resets the attempts when it is suspended") {
  ManualRuntime runtime;
  Options options = options_for_tests();
  options.reconnect.max_attempts = 1;
  Socket socket(std::move(options), runtime);
  runtime.connection().fail();
  runtime.advance_to_next_timer();
  runtime.connection().accept();
  runtime.advance(1h);
  socket.suspend();
  socket.resume();
  runtime.connection().fail();
  CHECK(socket.state() == State::waiting);
}

TEST_CASE("granted credit counts when buffered_amount is read before it is spent") {
  ManualRuntime runtime;
  Options options = options_for_tests();
  options.high_water_mark = 10;
  Socket socket(std::move(options), runtime);
  auto& connection = runtime.connection();
  connection.take_grants();
  connection.accept();
  runtime.run_posted();
  connection.hold_buffer();
  socket.send("a");
  const std::size_t credit = connection.granted().send_credit;
  REQUIRE(credit > 0);
  // Makes the kernel read buffered_amount.
  socket.drained([](const steady::Error&) {});
  runtime.advance(50ms);
  connection.send_unasked(std::string(connection.granted().send_credit, 'b'));
  CHECK(socket.send("c").status == steady::SendStatus::queued);
}

TEST_CASE("an attempt blocked by the platform does not affect the attempt after a suspend") {
  ManualRuntime runtime;
  Socket socket(options_for_tests(), runtime);
  bool suspended = false;
  const auto subscription = socket.on_error([&](const steady::Error&) {
    if (!std::exchange(suspended, true)) socket.suspend();
  });
  runtime.connection().fail(steady::ErrorCode::blocked);
  REQUIRE(socket.state() == State::suspended);
  socket.resume();
  runtime.connection().accept();
  runtime.connection().drop();
  CHECK(socket.state() == State::waiting);
}
