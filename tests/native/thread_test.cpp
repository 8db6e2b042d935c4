// Threading::io_thread between two polls, and calls from other threads.
#include <atomic>
#include <chrono>
#include <thread>

#include "steady/socket.hpp"
#include "support/seen.hpp"
#include "support/server.hpp"
#include "support/threadings.hpp"

using steady::native::NativeOptions;
using steady::native::NativeRuntime;
using steady::native::RuntimeHandle;
using steady::native::Threading;

namespace {

NativeOptions with_thread() { return {.threading = Threading::io_thread}; }

/// Waits for the condition without polling a runtime. Returns false after 20 s.
template <class Function>
bool becomes(Function condition) {
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace

TEST_CASE("with an I/O thread, pings are answered without poll") {
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

TEST_CASE("messages waiting for poll are bounded, and none is lost") {
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
  // The operating system buffers some MiB before the server's writes block.
  REQUIRE(becomes([&] { return is_stopped.load(); }));
  CHECK(sent < count);
  wire.runtime.poll();
  CHECK(wire.messages.size() <= 11);
  CHECK(wire.eventually([&] { return wire.messages.size() == count; }));
}

TEST_CASE("a close between two polls is reported after the messages before it") {
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

TEST_CASE("several runtimes with several sockets do not interfere with each other") {
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

TEST_CASE("tasks from other threads run on the runtime's thread, in order for each thread") {
  NativeRuntime runtime(in_both());
  constexpr int threads = 4;
  constexpr int tasks = 500;
  const auto mine = std::this_thread::get_id();
  std::vector<int> next(threads, 0);
  int ran = 0;
  bool is_right = true;
  std::vector<std::thread> all;
  for (int of = 0; of < threads; ++of) {
    all.emplace_back([&, of, handle = runtime.handle()] {
      for (int i = 0; i < tasks; ++i) {
        const auto task = [&, of, i] {
          is_right = is_right && std::this_thread::get_id() == mine && next[of]++ == i;
          ++ran;
        };
        if (i % 2 == 0) {
          handle.post(task);
        } else {
          runtime.post(task);
        }
      }
    });
  }
  while (ran < threads * tasks) REQUIRE(runtime.run_for(20s));
  for (std::thread& thread : all) thread.join();
  CHECK(is_right);
  CHECK_FALSE(runtime.run_for(0ms));
}

TEST_CASE("a task posted by another thread ends a wait at once") {
  NativeRuntime runtime(in_both());
  constexpr int turns = 300;
  std::atomic<int> ran = 0;
  const auto began = std::chrono::steady_clock::now();
  std::thread other([&, handle = runtime.handle()] {
    for (int turn = 0; turn < turns; ++turn) {
      handle.post([&] { ++ran; });
      while (ran == turn) std::this_thread::yield();
    }
  });
  while (ran < turns) CHECK(runtime.run_for(1h));
  other.join();
  // Without the wakeups each wait would last a second (max_wait in native_runtime.cpp).
  CHECK(std::chrono::steady_clock::now() - began < 20s);
}

TEST_CASE("wake ends the current or the next run_for, which returns false") {
  NativeRuntime runtime(in_both());
  constexpr int turns = 300;
  std::atomic<int> woken = 0;
  const auto began = std::chrono::steady_clock::now();
  std::thread other([&, handle = runtime.handle()] {
    for (int turn = 0; turn < turns; ++turn) {
      if (turn % 2 == 0) {
        handle.wake();
      } else {
        runtime.wake();
      }
      while (woken == turn) std::this_thread::yield();
    }
  });
  while (woken < turns) {
    CHECK_FALSE(runtime.run_for(1h));
    ++woken;
  }
  other.join();
  CHECK(std::chrono::steady_clock::now() - began < 20s);
}

TEST_CASE("a task posted by a task runs in the next poll, through a handle as well") {
  NativeRuntime runtime(in_both());
  const RuntimeHandle handle = runtime.handle();
  std::string ran;
  handle.post([&] {
    ran += "a";
    handle.post([&] { ran += "c"; });
    runtime.post([&] { ran += "d"; });
  });
  runtime.post([&] { ran += "b"; });
  runtime.poll();
  CHECK(ran == "ab");
  runtime.poll();
  CHECK(ran == "abcd");
}

TEST_CASE("a handle outlives its runtime, which destroys waiting tasks without running them") {
  auto runtime = std::make_unique<NativeRuntime>(in_both());
  const RuntimeHandle handle = runtime->handle();
  const auto held = std::make_shared<int>(0);
  CHECK(handle.post([held] { ++*held; }));
  CHECK(held.use_count() == 2);
  runtime.reset();
  CHECK(held.use_count() == 1);
  CHECK_FALSE(handle.post([held] { ++*held; }));
  CHECK(held.use_count() == 1);
  CHECK_FALSE(handle.wake());
  CHECK(*held == 0);
}

TEST_CASE("threads may call post and wake while the runtime is destroyed") {
  const auto options = in_both();
  for (int turn = 0; turn < 20; ++turn) {
    auto runtime = std::make_unique<NativeRuntime>(options);
    int ran = 0;
    std::vector<std::thread> all;
    for (int i = 0; i < 3; ++i) {
      all.emplace_back([&, handle = runtime->handle()] {
        while (handle.post([&] { ++ran; }) && handle.wake()) {
        }
      });
    }
    while (ran < 10) runtime->run_for(20s);
    runtime.reset();
    for (std::thread& thread : all) thread.join();
    CHECK(ran >= 10);
  }
}
