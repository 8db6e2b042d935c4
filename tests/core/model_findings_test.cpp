// What the random lives of tests/simulation/ have found.
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

TEST_CASE("a provider that answers again during the greeting does not harm the connection") {
  ManualRuntime runtime;
  std::optional<ConnectReply> reply;
  std::optional<Greeting> greeting;
  Options options;
  options.provider = [&reply](const ConnectReply& asked) { reply.emplace(asked); };
  options.greet = [&greeting](const Greeting& asked) { greeting.emplace(asked); };
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

TEST_CASE("no timer is left of a socket that is destroyed while a message waits for its time") {
  ManualRuntime runtime;
  std::optional<Socket> socket(std::in_place, options_for_tests(), runtime);
  SendOptions wanted;
  wanted.ttl = 1s;
  socket->send("a", wanted);
  socket.reset();
  runtime.run_posted();
  CHECK(runtime.timers() == 0);
}

TEST_CASE("a batch that the platform had a part of is unconfirmed as a whole") {
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

  SECTION("of which much was left: what came before is out") {
    runtime.connection().drain(std::string("before").size());
  }
  SECTION("of which little was left") {
    runtime.connection().drain(std::string("before[1,2,3").size());
  }
  runtime.connection().drop();
  Lines drops;
  for (const std::string& line : recorder.take()) {
    if (line.starts_with("drop")) drops.push_back(line);
  }
  CHECK(drops == Lines{"drop 1 unconfirmed 1", "drop 2 unconfirmed 2", "drop 3 unconfirmed 3"});
}

TEST_CASE("a message that is too large for the place of its key does not leave an older one") {
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

TEST_CASE("time that is allowed begins with the first attempt, not with a suspend before it") {
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

TEST_CASE("a connection that was stable counts as such when it is suspended") {
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

TEST_CASE("credit that is out counts when the platform's buffer is looked at in between") {
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
  // Makes it look.
  socket.drained([](const steady::Error&) {});
  runtime.advance(50ms);
  connection.send_unasked(std::string(connection.granted().send_credit, 'b'));
  CHECK(socket.send("c").status == steady::SendStatus::queued);
}

TEST_CASE("what the platform refused counts for that attempt, not for the one after a suspend") {
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
