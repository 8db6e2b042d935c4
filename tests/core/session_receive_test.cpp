// Sessions: messages of the server, liveness, and violations of the protocol.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <random>

#include "catch.hpp"
#include "session_fixture.hpp"

using steady::State;
using steady::testing::FakeSessionServer;

TEST_CASE("received messages are acknowledged after 250 ms") {
  SessionFixture f;
  f.joined();
  f.server("a");
  f.server("b");
  f.runtime.advance(249ms);
  CHECK(f.take().empty());
  f.runtime.advance(1ms);
  CHECK(f.take() == Lines{"^A 2"});
  f.runtime.advance(1s);
  CHECK(f.take().empty());
}

TEST_CASE("messages without a handler are acknowledged as well") {
  SessionFixture f;
  f.joined();
  f.recorder.message_ = {};
  f.server("a");
  f.runtime.advance(250ms);
  CHECK(f.take() == Lines{"^A 1"});
}

TEST_CASE("64 messages are acknowledged at once") {
  SessionFixture f;
  f.joined();
  for (int i = 0; i < 65; ++i) f.server("a");
  CHECK(f.take() == Lines{"^A 64"});
}

TEST_CASE("more than 32 KB are acknowledged at once") {
  SessionFixture f;
  f.joined();
  f.server(std::string(20'000, 'a'));
  CHECK(f.take().empty());
  f.server(std::string(20'000, 'a'));
  CHECK(f.take() == Lines{"^A 2"});
  f.server("a");
  CHECK(f.take().empty());
}

TEST_CASE("a message is acknowledged after its handlers, not before") {
  SessionFixture f;
  f.joined();
  Lines inside;
  const auto handler = f.socket.on_message([&](const steady::Message&) {
    f.socket.send("reply");
    inside = sent_texts(f.runtime.connection());
  });
  f.server("a");
  CHECK(inside.back() == "reply");
  CHECK(acknowledged(f) == Lines{"1"});
}

TEST_CASE("a ping is answered at once with the number of handled messages and the clock") {
  SessionFixture f;
  f.joined();
  f.server("a");
  f.server("^? 41");
  CHECK(f.take() == Lines{"^! 41 1 " + std::to_string(f.runtime.wall_clock().count())});
  f.runtime.advance(1s);
  CHECK(f.take().empty());
}

TEST_CASE("the hello has the number of received messages, and repeated messages are ignored") {
  SessionFixture f;
  f.joined();
  f.server("a");
  f.server("b");
  f.drop();
  f.accept_next();
  CHECK(f.take()[0].ends_with(" 2"));
  f.server("^W life 0 60000");
  f.events();
  f.server("^@ 1");
  f.server("a");
  f.server("b");
  f.server("c");
  CHECK(f.events() == Lines{"text c"});
  CHECK(acknowledged(f) == Lines{"3"});
}

TEST_CASE("on a later connection messages have no number before @") {
  SessionFixture f;
  f.joined();
  f.server("a");
  f.drop();
  f.accept_next();
  f.server("^W life 0 60000");
  f.events();
  f.server("stray");
  f.server("^@ 2");
  f.server("b");
  CHECK(f.events() == Lines{"text b"});
}

TEST_CASE("a server to which a repeated hello is new counts from 1") {
  SessionFixture f;
  f.accept();
  f.drop();
  f.accept_next();
  f.server("^W life 0 60000");
  f.events();
  f.server("a");
  CHECK(f.events() == Lines{"text a"});
}

TEST_CASE("the numbers of a server may have gaps") {
  SessionFixture f;
  f.joined();
  f.server("a");
  f.server("^@ 5");
  f.server("b");
  CHECK(f.events() == Lines{"text a", "text b"});
  CHECK(acknowledged(f) == Lines{"5"});
}

TEST_CASE("another epoch counts from zero") {
  SessionFixture f;
  f.joined();
  f.server("a");
  f.server("b");
  f.drop();
  f.accept_next();
  f.server("^W other 0 60000");
  f.server("^@ 1");
  f.events();
  f.server("c");
  CHECK(f.events() == Lines{"text c"});
  CHECK(acknowledged(f) == Lines{"1"});
  f.drop();
  f.accept_next();
  CHECK(f.take()[0].ends_with(" other 3 1"));
}

TEST_CASE("a message that begins like a control frame is received unchanged") {
  SessionFixture f;
  f.joined();
  f.server("^\x10hi");
  f.server("^\x10");
  const std::string longer = "\x10" + std::string(2'000, 'x');
  f.server("^" + longer);
  CHECK(f.events() == Lines{"text \x10hi", "text \x10", "text " + longer});
}

TEST_CASE("text messages of every length are received whole") {
  SessionFixture f;
  f.joined();
  for (const std::size_t size : {0, 1, 255, 511, 512, 513, 1'024, 100'000}) {
    const std::string text(size, 'x');
    f.server(text);
    CHECK(f.events() == Lines{"text " + text});
  }
  f.runtime.connection().deliver_binary("\x10X");
  CHECK(f.events() == Lines{"binary \x10X"});
  CHECK(acknowledged(f) == Lines{"9"});
}

TEST_CASE("messages are routed by type in a session") {
  SessionFixture f;
  f.recorder.message_ = {};
  int received = 0;
  const auto handler = f.socket.on("hit", [&](const steady::Message&) { ++received; });
  f.joined();
  f.server(R"({"type":"hit"})");
  f.server(R"({"type":"other","x":")" + std::string(2'000, 'x') + "\"}");
  f.server(R"({"type":"hit","x":")" + std::string(2'000, 'x') + "\"}");
  CHECK(received == 2);
  CHECK(acknowledged(f) == Lines{"3"});
}

TEST_CASE("a control frame is not dispatched, and a late one has no effect") {
  SessionFixture f;
  f.joined();
  CHECK_FALSE(f.server("^A 0"));
  f.drop();
  f.runtime.advance(1ms);
  f.events();
  f.runtime.connection(0).deliver_text("\x10X");
  f.runtime.connection(0).deliver_text("\x10nonsense");
  f.runtime.connection(0).deliver_text("late");
  CHECK(f.events().empty());
  f.accept();
  CHECK(f.take()[0].ends_with(" 0"));
}

TEST_CASE("a malformed frame of the server closes the socket with 4400") {
  const std::string longest = "^X " + std::string(254, 'x');
  for (const std::string& frame : {std::string("^"),
                                   std::string("^Q"),
                                   std::string("^A"),
                                   std::string("^A "),
                                   std::string("^A x"),
                                   std::string("^A 01"),
                                   std::string("^A -1"),
                                   std::string("^A 1.5"),
                                   std::string("^A 9007199254740992"),
                                   std::string("^A99"),
                                   std::string("^A  0"),
                                   std::string("^A 1"),
                                   std::string("^! 1 1 0"),
                                   std::string("^! 1 0"),
                                   std::string("^?"),
                                   std::string("^G 1 life"),
                                   std::string("^W life 0 60000"),
                                   std::string("^@"),
                                   std::string("^@ 0"),
                                   std::string("^Xy"),
                                   std::string("^H 1"),
                                   longest}) {
    CAPTURE(frame);
    SessionFixture f;
    f.joined();
    f.server(frame);
    CHECK(f.events() == Lines{"error session_failed", "session ended", "close 4400"});
    CHECK(f.socket.state() == State::closed);
    CHECK(f.runtime.connection().close_code() == 4400);
    CHECK(f.runtime.connection().close_reason() == "malformed session frame");
  }
}

TEST_CASE("extra fields of a frame are ignored, and the reason of X may be any text") {
  for (const std::string& frame :
       {std::string("^A 0 1"), std::string("^? 1  "), std::string("^! 1 0 0 x y"),
        std::string("^@ 1 x"), std::string("^X"), std::string("^X  any text "),
        "^X " + std::string(253, 'x')}) {
    CAPTURE(frame);
    SessionFixture f;
    f.joined();
    f.server(frame);
    CHECK(f.socket.state() == State::open);
  }
}

TEST_CASE("other frames before the greeting, or between hello and welcome, close the socket") {
  for (const std::string frame :
       {"^W life 0 60000", "^A 0", "^? 1", "^@ 1", "^G 2 life", "^G 1", "^G 1 li/fe"}) {
    CAPTURE(frame);
    SessionFixture f;
    f.runtime.connection().accept("steady.1");
    f.server(frame);
    CHECK(f.socket.state() == State::closed);
  }
  for (const std::string frame : {"^G 1 life", "^A 0", "^? 1", "^@ 1", "^! 1 0 0",
                                  "^W life 1 60000", "^W life 0", "^W other 0 60000 x"}) {
    CAPTURE(frame);
    SessionFixture f;
    f.accept();
    f.server(frame);
    CHECK(f.socket.state() == State::closed);
  }
}

TEST_CASE("a welcome may have extra fields") {
  SessionFixture f;
  f.accept();
  f.server("^W life 0 60000 x");
  CHECK(f.socket.state() == State::open);
}

TEST_CASE("a lower acknowledgement is ignored") {
  SessionFixture f;
  f.joined();
  f.socket.send("one");
  f.socket.send("two");
  f.server("^A 2");
  f.server("^A 1");
  f.drop();
  f.accept_next();
  f.take();
  f.server("^W life 2 60000");
  CHECK(f.take() == Lines{"^@ 3"});
}

TEST_CASE("a server that sends no greeting or no welcome times out") {
  SessionFixture silent;
  silent.runtime.connection().accept("steady.1");
  silent.events();
  silent.runtime.advance(10s);
  CHECK(silent.events() == Lines{"error session_failed", "close 1006 retry"});
  SessionFixture f;
  f.accept();
  f.runtime.advance(10s);
  const Lines events = f.events();
  // The ping after the hello times out first.
  CHECK(std::count(events.begin(), events.end(), "error heartbeat_timeout") == 1);
}

TEST_CASE("a connection that no longer transmits is detected although messages still arrive") {
  SessionFixture f;
  f.joined();
  const auto before = f.runtime.now();
  while (f.socket.state() == State::open && f.runtime.now() - before < 60s) {
    f.runtime.advance(100ms);
    f.server("news");
  }
  CHECK(f.runtime.now() - before <= 20s);
  const Lines events = f.events();
  CHECK(std::count(events.begin(), events.end(), "error heartbeat_timeout") == 1);
}

TEST_CASE("the heartbeat sends ?, with the interval and timeout of its options") {
  SessionFixture f(with_session([](auto& o) {
    o.heartbeat = steady::HeartbeatOptions{.interval = 1s, .timeout = 100ms, .reply = "pong"};
  }));
  f.joined();
  f.runtime.advance(750ms);
  CHECK(f.runtime.connection().sent().back().data == "\x10? 2");
  // Neither another number nor heartbeat.reply answers the ping.
  f.server("^! 1 0 0");
  f.server(R"({"type":"pong"})");
  f.server("pong");
  CHECK(f.socket.state() == State::open);
  f.runtime.advance(100ms);
  CHECK(f.socket.state() != State::open);
}

TEST_CASE("server_time() is known after the first answer") {
  SessionFixture f;
  CHECK_FALSE(f.socket.server_time());
  f.accept();
  f.server("^W life 0 60000");
  CHECK_FALSE(f.socket.server_time());
  f.runtime.advance(100ms);
  f.server("^! 1 0 1700000000000");
  REQUIRE(f.socket.server_time());
  CHECK(f.socket.server_time()->time_since_epoch() == 1'700'000'000'050ms);
  f.runtime.advance(1s);
  CHECK(f.socket.server_time()->time_since_epoch() == 1'700'000'001'050ms);
  CHECK(f.socket.stats().round_trip->last == 100ms);
}

TEST_CASE("a quick answer corrects the estimate of slow ones, and follows a change of the clock") {
  SessionFixture f(with_session(
      [](auto& o) { o.heartbeat = steady::HeartbeatOptions{.interval = 2s, .timeout = 2s}; }));
  f.accept();
  f.server("^W life 0 60000");
  const auto clock = [&] { return f.socket.server_time()->time_since_epoch() - f.runtime.now(); };
  // Answers the pending ping after `delay`, of which `there` is the time to the server.
  int question = 0;
  const auto answer = [&](std::chrono::milliseconds offset, std::chrono::milliseconds there,
                          std::chrono::milliseconds delay) {
    f.runtime.advance(there);
    const auto time = f.runtime.now() + offset;
    f.runtime.advance(delay - there);
    f.server("^! " + std::to_string(++question) + " 0 " + std::to_string(time.count()));
  };
  const auto next_ping = [&] {
    while (f.runtime.connection().sent().back().data != "\x10? " + std::to_string(question + 1)) {
      f.runtime.advance(10ms);
    }
  };
  answer(1'000'000ms, 400ms, 400ms);
  CHECK(clock() == 1'000'200ms);
  next_ping();
  answer(1'000'000ms, 5ms, 10ms);
  CHECK(std::abs((clock() - 1'000'000ms).count()) <= 6);
  next_ping();
  answer(5'000'000ms, 5ms, 10ms);
  CHECK(std::abs((clock() - 5'000'000ms).count()) <= 6);
  // A single slow answer does not change the estimate.
  for (int i = 0; i < 20; ++i) {
    next_ping();
    answer(5'000'000ms, 5ms, 10ms);
  }
  next_ping();
  answer(5'000'000ms, 300ms, 300ms);
  CHECK(std::abs((clock() - 5'000'000ms).count()) <= 6);
}

TEST_CASE("with random latency, server_time() is accurate within a third of the mean latency") {
  const unsigned seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random(seed);
  constexpr double mean = 60;
  std::exponential_distribution<double> jitter(1 / mean);
  const auto way = [&] { return 10ms + std::chrono::milliseconds(std::llround(jitter(random))); };
  SessionFixture f(
      with_session([](auto& o) { o.heartbeat = steady::HeartbeatOptions{.timeout = 5s}; }));
  f.accept();
  f.server("^W life 0 60000");
  double sum = 0;
  for (int question = 1; question <= 200; ++question) {
    const std::string expected = "\x10? " + std::to_string(question);
    while (f.runtime.connection().sent().back().data != expected) f.runtime.advance(10ms);
    f.runtime.advance(way());
    const auto time = f.runtime.wall_clock();
    const auto back = way();
    f.runtime.advance(back);
    f.server("^! " + std::to_string(question) + " 0 " + std::to_string(time.count()));
    const auto error = f.socket.server_time()->time_since_epoch() - f.runtime.wall_clock();
    REQUIRE(std::abs(error.count()) <= f.socket.stats().round_trip->last.count() + 2);
    if (question > 20) sum += static_cast<double>(std::abs(error.count()));
  }
  CHECK(sum / 180 <= mean / 3);
}

// --- Handlers. ---

TEST_CASE("a batch is dispatched as a whole, also if a handler ends its connection") {
  SessionFixture f(with_session([](auto& o) { o.batch.emplace(); }));
  f.joined();
  Lines received;
  const auto handler = f.socket.on_message([&](const steady::Message& message) {
    received.emplace_back(message.data);
    if (received.size() == 1) f.socket.suspend();
  });
  f.server("[1,2]");
  CHECK(received == Lines{"1", "2"});
  f.socket.resume();
  f.accept();
  CHECK(f.take()[0].ends_with(" 1"));
}

TEST_CASE("a handler may close in the middle of a batch") {
  SessionFixture f(with_session([](auto& o) { o.batch.emplace(); }));
  f.joined();
  Lines received;
  const auto handler = f.socket.on_message([&](const steady::Message& message) {
    received.emplace_back(message.data);
    f.socket.close();
  });
  f.server("[1,2]");
  CHECK(received == Lines{"1"});
}

TEST_CASE("a handler of a session may destroy the socket") {
  steady::testing::ManualRuntime runtime;
  auto socket = std::make_unique<steady::Socket>(with_session(), runtime);
  FakeSessionServer server(runtime);
  server.accept();
  const auto handler = socket->on_message([&](const steady::Message&) { socket.reset(); });
  server.send("a");
  CHECK_FALSE(socket);
}
