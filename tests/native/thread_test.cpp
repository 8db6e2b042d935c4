// Threading::io_thread: what happens when nobody polls.
#include <atomic>
#include <chrono>
#include <thread>

#include "steady/socket.hpp"
#include "support/seen.hpp"
#include "support/server.hpp"
#include "support/threadings.hpp"

using steady::native::NativeOptions;
using steady::native::NativeRuntime;
using steady::native::Threading;

namespace {

NativeOptions with_thread() { return {.threading = Threading::io_thread}; }

/// Waits without polling anything. False if it is not so for long.
template <class Function>
bool becomes(Function is_so) {
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (!is_so()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace

TEST_CASE("with an I/O thread pings are answered while nobody polls") {
  std::atomic<int> pongs = 0;
  Server server([&](Peer& peer) {
    peer.upgrade();
    for (int i = 0; i < 10; ++i) {
      peer.write_frame({opcode::ping, true, false, std::to_string(i)});
      if (peer.read_frame().payload == std::to_string(i)) ++pongs;
    }
    peer.wait_for_end();
  });
  Wire wire(with_thread());
  REQUIRE_FALSE(wire.open(server.url()));
  CHECK(becomes([&] { return pongs == 10; }));
  CHECK_FALSE(wire.is_open);
  wire.runtime.poll();
  CHECK(wire.is_open);
}

TEST_CASE("what waits for poll is bounded, and all of it comes in the end") {
  constexpr std::size_t size = 10'000;
  constexpr std::size_t count = 3'000;
  std::atomic<std::size_t> sent = 0;
  std::atomic<bool> is_stopped = false;
  Server server([&](Peer& peer) {
    peer.upgrade();
    for (; sent < count; ++sent) {
      if (!peer.can_write_within(500)) is_stopped = true;
      peer.write_frame({opcode::binary, true, false, std::string(size, 'x')});
    }
    peer.wait_for_end();
  });
  NativeOptions options = with_thread();
  options.max_waiting_bytes = 10 * size;
  Wire wire(options);
  REQUIRE_FALSE(wire.open(server.url()));
  // The server is stopped by what the system holds, some MiB, and finds out by waiting.
  REQUIRE(becomes([&] { return is_stopped.load(); }));
  CHECK(sent < count);
  wire.runtime.poll();
  CHECK(wire.messages.size() <= 11);
  CHECK(wire.eventually([&] { return wire.messages.size() == count; }));
}

TEST_CASE("an end that comes while nobody polls is told after what came before it") {
  Server server([](Peer& peer) {
    peer.upgrade();
    peer.read_frame();
    for (int i = 0; i < 10; ++i) peer.write_frame({opcode::text, true, false, std::to_string(i)});
    peer.write_close(4001, "over");
    peer.wait_for_end();
  });
  Wire wire(with_thread());
  std::size_t at_close = 0;
  wire.when_close = [&] { at_close = wire.messages.size(); };
  REQUIRE(wire.open_and_wait(server.url()));
  wire.send("go on");
  REQUIRE(becomes([&] { return wire.send("too late") == steady::TransportSend::not_open; }));
  CHECK(wire.messages.empty());
  REQUIRE(wire.eventually([&] { return wire.closed.has_value(); }));
  CHECK(at_close == 10);
  CHECK(wire.closed->code == 4001);
}

TEST_CASE("several runtimes with several sockets do not disturb each other") {
  Server server(echo);
  constexpr int runtimes = 4;
  constexpr int sockets = 4;
  std::atomic<int> right = 0;
  std::vector<std::thread> threads;
  for (int r = 0; r < runtimes; ++r) {
    threads.emplace_back([&, r] {
      NativeRuntime runtime({.threading = r % 2 == 0 ? Threading::io_thread : Threading::caller});
      std::vector<std::unique_ptr<steady::Socket>> all;
      int closed = 0;
      for (int s = 0; s < sockets; ++s) {
        auto& socket = *all.emplace_back(
            std::make_unique<steady::Socket>(steady::Options{.url = server.url()}, runtime));
        const std::string text = std::to_string(r) + "/" + std::to_string(s);
        auto count = std::make_shared<int>(0);
        socket
            .on_message([&right, &socket, text, count](const steady::Message& message) {
              if (message.data == text) ++right;
              if (++*count == 100) socket.close();
            })
            .keep();
        socket.on_close([&](const steady::CloseInfo&) { ++closed; }).keep();
        for (int i = 0; i < 100; ++i) socket.send(text);
      }
      const auto deadline = std::chrono::steady_clock::now() + 20s;
      while (closed < sockets && std::chrono::steady_clock::now() < deadline) {
        runtime.run_for(50ms);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(right == runtimes * sockets * 100);
}
