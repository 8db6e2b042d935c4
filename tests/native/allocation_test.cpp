// What a message costs in memory: nothing, once there were some.
#include <thread>

#include "support/allocation_count.hpp"
#include "support/certificates.hpp"
#include "support/server.hpp"
#include "support/threadings.hpp"

namespace {

/// Counts what it hears, and takes no memory for it.
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

TEST_CASE("in the steady state no memory is taken for a message, sent or received") {
  const bool is_secure = GENERATE(false, true);
  const Identity authority = make_authority();
  const auto context = make_server_context(issue(authority, {"IP:127.0.0.1"}));
  Server server([&](Peer& peer) {
    do_not_count_this_thread();
    if (is_secure) peer.start_tls(*context);
    echo(peer);
  });
  steady::native::NativeRuntime runtime(in_both({.tls = {.extra_roots = authority.pem()}}));
  Counter counter;
  const auto transport = runtime.make_transport();
  const std::string url =
      (is_secure ? "wss" : "ws") + std::string("://127.0.0.1:") + std::to_string(server.port());
  REQUIRE_FALSE(transport->open({url, {}, 1}, counter));
  const auto run_until = [&](auto is_so) {
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (!is_so() && std::chrono::steady_clock::now() < deadline) runtime.run_for(20ms);
    return is_so();
  };
  REQUIRE(run_until([&] { return counter.is_open; }));

  const auto payload = steady::Payload::text(std::string(200, 'x'));
  // Some at a time, so that there is always something to wait for on both sides.
  const auto exchange = [&](std::size_t rounds, std::size_t at_a_time, auto pause) {
    for (std::size_t round = 0; round < rounds; ++round) {
      const std::size_t goal = counter.messages + at_a_time;
      for (std::size_t i = 0; i < at_a_time; ++i) transport->send(payload);
      std::this_thread::sleep_for(pause);
      if (!run_until([&] { return counter.messages == goal; })) return false;
    }
    return true;
  };
  // More wait at a time than later, on every way, whoever is slow then.
  REQUIRE(exchange(10, 100, 20ms));
  REQUIRE(exchange(40, 20, 0ms));
  const std::size_t before = allocation_count();
  CHECK(before > 0);
  const bool done = exchange(40, 20, 0ms);
  const std::size_t taken = allocation_count() - before;
  CHECK(done);
  INFO("an encrypted connection: " << is_secure);
  CHECK(taken == 0);
}
