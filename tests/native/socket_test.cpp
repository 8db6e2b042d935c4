// A Socket on a NativeRuntime: the same program as on the web, driven by poll().
#include "steady/socket.hpp"

#include <cstdio>

#include "support/seen.hpp"
#include "support/server.hpp"
#include "support/threadings.hpp"

using steady::Socket;
using steady::State;
using steady::native::NativeRuntime;

namespace {

template <class Function>
bool polled_until(Socket& socket, Function condition) {
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    socket.poll();
  }
  return true;
}

}  // namespace

TEST_CASE("a Socket without a Runtime uses a NativeRuntime, which poll drives") {
  Server server(echo);
  Socket socket({.url = server.url()});
  std::vector<std::string> received;
  auto subscription = socket.on(
      "hello", [&](const steady::Message& message) { received.emplace_back(message.data); });
  const std::string text = R"({"type":"hello","to":"you"})";
  CHECK(socket.send(text).status == steady::SendStatus::queued);
  REQUIRE(polled_until(socket, [&] { return !received.empty(); }));
  CHECK(received == std::vector<std::string>{text});
  CHECK_FALSE(socket.close({.code = 1000}));
  CHECK(polled_until(socket, [&] { return socket.state() == State::closed; }));
}

TEST_CASE("a Socket reconnects when its server is back, and sends its queue") {
  Seen<std::string> received;
  const auto script = [&](Peer& peer) {
    peer.upgrade();
    while (true) received.add(peer.read_frame().payload);
  };
  auto server = std::make_unique<Server>(script);
  const std::uint16_t port = server->port();
  NativeRuntime runtime(in_both());
  Socket socket({.url = server->url(), .reconnect = {.initial_delay = 10ms, .max_delay = 50ms}},
                runtime);
  REQUIRE(polled_until(socket, [&] { return socket.state() == State::open; }));
  server.reset();
  REQUIRE(polled_until(socket, [&] { return socket.state() == State::waiting; }));
  socket.send("waited");
  server = std::make_unique<Server>(script, "127.0.0.1", port);
  REQUIRE(polled_until(socket, [&] { return received.size() == 1; }));
  CHECK(received.last() == "waited");
}

TEST_CASE("an unanswered attempt fails after connect_timeout, a close after close_timeout") {
  Server server([](Peer& peer) { peer.wait_for_end(); });
  NativeRuntime runtime(in_both());
  Socket socket({.url = server.url(), .reconnect = {.max_attempts = 0}, .connect_timeout = 50ms},
                runtime);
  REQUIRE(polled_until(socket, [&] { return socket.state() == State::closed; }));
  CHECK(socket.error().code == steady::ErrorCode::connect_timeout);

  Server unresponsive([](Peer& peer) {
    peer.upgrade();
    peer.wait_for_end();
  });
  Socket other({.url = unresponsive.url(), .close_timeout = 50ms}, runtime);
  REQUIRE(polled_until(other, [&] { return other.state() == State::open; }));
  other.close();
  CHECK(polled_until(other, [&] { return other.state() == State::closed; }));
}

TEST_CASE("invalid runtime options close the Socket with their error") {
  NativeRuntime runtime({.max_message_bytes = 0});
  Socket socket({.url = "ws://127.0.0.1:1"}, runtime);
  CHECK(socket.state() == State::closed);
  CHECK(socket.error().message == "max_message_bytes must be 1 or more");
}

TEST_CASE("invalid headers close the Socket with their error") {
  NativeRuntime runtime;
  Socket socket({.url = "ws://127.0.0.1:1", .headers = {{"Host", "a.test"}}}, runtime);
  CHECK(socket.state() == State::closed);
  CHECK(socket.error().code == steady::ErrorCode::invalid_option);
  CHECK(socket.error().message == "headers: \"Host\" is reserved for the handshake");
}

TEST_CASE("two sockets of one runtime send their own headers, each only to its server") {
  Seen<std::string> at_first;
  Seen<std::string> at_second;
  Server first([&](Peer& peer) { peer.upgrade({}, at_first.adder()); });
  Server second([&](Peer& peer) { peer.upgrade({}, at_second.adder()); });
  NativeRuntime runtime(in_both());
  Socket one({.url = first.url(), .headers = {{"Authorization", "Bearer one"}}}, runtime);
  Socket two({.url = second.url(), .headers = {{"X-Other", "two"}}}, runtime);
  REQUIRE(polled_until(one, [&] { return at_first.size() > 0 && at_second.size() > 0; }));
  CHECK(field_of(at_first.last(), "Authorization") == "Bearer one");
  CHECK(field_of(at_first.last(), "X-Other").empty());
  CHECK(field_of(at_second.last(), "Authorization").empty());
  CHECK(field_of(at_second.last(), "X-Other") == "two");
}

TEST_CASE("every attempt sends only the headers that the provider gave it") {
  Seen<std::string> requests;
  Server server([&](Peer& peer) { peer.upgrade({}, requests.adder()); });
  NativeRuntime runtime(in_both());
  int attempts = 0;
  Socket socket(
      {.reconnect = {.initial_delay = 1ms, .max_delay = 1ms},
       .provider =
           [&](const steady::ConnectReply& reply) {
             ++attempts;
             steady::ConnectDetails details{.url = server.url()};
             if (attempts < 3) {
               details.headers = {{"Authorization", "Bearer " + std::to_string(attempts)}};
             }
             reply.connect(details);
           }},
      runtime);
  // The server closes each connection after its handshake.
  REQUIRE(polled_until(socket, [&] { return requests.size() >= 3; }));
  const auto all = requests.all();
  CHECK(field_of(all[0], "Authorization") == "Bearer 1");
  CHECK(field_of(all[1], "Authorization") == "Bearer 2");
  CHECK(field_of(all[2], "Authorization").empty());
}

TEST_CASE("a heartbeat detects a server that does not answer") {
  Server server([](Peer& peer) {
    peer.upgrade();
    peer.wait_for_end();
  });
  NativeRuntime runtime(in_both());
  Socket socket({.url = server.url(),
                 .heartbeat = steady::HeartbeatOptions{.interval = 50ms, .timeout = 50ms},
                 .reconnect = {.max_attempts = 0}},
                runtime);
  REQUIRE(polled_until(socket, [&] { return socket.state() == State::closed; }));
  CHECK(socket.error().code == steady::ErrorCode::heartbeat_timeout);
}

TEST_CASE("queued dispatch keeps to the budget of a poll") {
  Server server([](Peer& peer) {
    peer.upgrade();
    for (int i = 0; i < 100; ++i) peer.write_frame({opcode::text, true, false, "x"});
    peer.wait_for_end();
  });
  NativeRuntime runtime(in_both());
  Socket socket({.url = server.url(), .dispatch = steady::Dispatch::queued}, runtime);
  std::size_t received = 0;
  socket.on_message([&](const steady::Message&) { ++received; }).keep();
  std::size_t most = 0;
  REQUIRE(polled_until(socket, [&] {
    const std::size_t before = received;
    socket.poll({.max_messages = 7});
    most = std::max(most, received - before);
    return received == 100;
  }));
  CHECK(most <= 7);
}

TEST_CASE(
    "the program of docs/platforms/cpp-desktop.md prints its message, without exceptions and "
    "RTTI") {
  Server server(echo);
  std::FILE* const program = popen((NATIVE_EXAMPLE " " + server.url()).c_str(), "r");
  REQUIRE(program != nullptr);
  char output[64] = {};
  CHECK(std::fgets(output, sizeof output, program) != nullptr);
  CHECK(std::string(output) == "{\"type\":\"hello\"}\n");
  CHECK(pclose(program) == 0);
}
