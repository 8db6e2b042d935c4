// Allocations per message: none in the steady state.
#include <atomic>
#include <thread>

#include "support/allocation_count.hpp"
#include "support/certificates.hpp"
#include "support/server.hpp"
#include "support/threadings.hpp"

namespace {

/// Counts events without allocating.
struct Counter final : steady::TransportListener {
  void on_open(steady::Generation) override { is_open = true; }
  bool on_message(steady::Generation, steady::Inbound& message) override {
    buffer.set_size(0);
    if (!message.read(buffer, steady::Inbound::all)) ++messages;
    return true;
  }
  void on_error(steady::Generation, const steady::Error&) override {}
  void on_close(steady::Generation, steady::CloseInfo) override {}

  bool is_open = false;
  std::size_t messages = 0;
  steady::InboundBuffer buffer;
};

}  // namespace

TEST_CASE("sending or receiving a message allocates nothing in the steady state") {
  const bool is_secure = GENERATE(false, true);
  const Identity authority = make_authority();
  const auto context = make_server_context(issue(authority, {"IP:127.0.0.1"}));
  constexpr std::size_t burst = 200;
  std::atomic<bool> has_sent = false;
  std::atomic<bool> has_answer = false;
  Server server([&](Peer& peer) {
    do_not_count_this_thread();
    if (is_secure) peer.start_tls(*context);
    peer.upgrade();
    peer.read_frame();
    for (std::size_t i = 0; i < burst; ++i) {
      peer.write_frame({opcode::text, true, false, std::string(200, 'x')});
    }
    peer.write_frame({opcode::ping, true, false, ""});
    has_sent = true;
    // Frames are read in order: the pong shows that the messages before it were read.
    while (peer.read_frame().opcode != opcode::pong) {
    }
    has_answer = true;
    echo_frames(peer);
  });
  const auto options = in_both({.tls = {.extra_roots = authority.pem()}});
  steady::native::NativeRuntime runtime(options);
  Counter counter;
  const auto transport = runtime.make_transport();
  const std::string url =
      (is_secure ? "wss" : "ws") + std::string("://127.0.0.1:") + std::to_string(server.port());
  REQUIRE_FALSE(transport->open({url, {}, 1}, counter));
  const auto run_until = [&](auto condition) {
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (!condition() && std::chrono::steady_clock::now() < deadline) runtime.run_for(20ms);
    return condition();
  };
  REQUIRE(run_until([&] { return counter.is_open; }));

  const auto payload = steady::Payload::text(std::string(200, 'x'));
  // In small groups, so that both sides have to wait for each other.
  const auto exchange = [&](std::size_t rounds) {
    for (std::size_t round = 0; round < rounds; ++round) {
      const std::size_t goal = counter.messages + 20;
      for (int i = 0; i < 20; ++i) transport->send(payload);
      if (!run_until([&] { return counter.messages == goal; })) return false;
    }
    return true;
  };
  // A larger burst than in the rounds that are counted. It waits for poll() in the operating
  // system's buffers or in the event queue, so all capacities reach their maximum.
  transport->send(payload);
  const bool is_threaded = options.threading == steady::native::Threading::io_thread;
  while (!(is_threaded ? has_answer : has_sent)) std::this_thread::yield();
  REQUIRE(run_until([&] { return counter.messages == burst && has_answer; }));
  for (std::size_t i = 0; i < burst; ++i) transport->send(payload);
  REQUIRE(run_until([&] { return counter.messages == 2 * burst; }));
  REQUIRE(exchange(40));
  const std::size_t before = allocation_count();
  CHECK(before > 0);
  const bool done = exchange(40);
  const std::size_t taken = allocation_count() - before;
  CHECK(done);
  INFO("TLS: " << is_secure);
  CHECK(taken == 0);
}
