// Clock, timers, tasks and hints.
#include <chrono>
#include <set>
#include <stdexcept>

#include "../../sdk/native/sleep_detector.hpp"
#include "../../sdk/native/timer_queue.hpp"
#include "../core/outcome.hpp"
#include "support/threadings.hpp"

using steady::native::NativeRuntime;
using steady::native::SleepDetector;
using steady::native::TimerQueue;

TEST_CASE("timers run once, in the order of their due times, unless cancelled") {
  NativeRuntime runtime(in_both());
  std::string ran;
  const auto began = runtime.now();
  // Late enough to stay behind the timers below on a slow machine.
  runtime.start_timer(500ms, [&] { ran += "c"; });
  runtime.start_timer(10ms, [&] { ran += "a"; });
  runtime.start_timer(10ms, [&] { ran += "b"; });
  const auto cancelled = runtime.start_timer(20ms, [&] { ran += "x"; });
  runtime.cancel_timer(cancelled);
  runtime.cancel_timer(cancelled);
  runtime.cancel_timer(0);
  while (ran.size() < 3) REQUIRE(runtime.run_for(20s));
  CHECK(ran == "abc");
  CHECK(runtime.now() - began >= 499ms);
  CHECK_FALSE(runtime.run_for(0ms));
}

TEST_CASE("timers and tasks that a callback adds run in the next poll") {
  NativeRuntime runtime(in_both());
  int timers = 0;
  int tasks = 0;
  std::function<void()> again = [&] {
    ++timers;
    runtime.start_timer(0ms, again);
  };
  std::function<void()> post_again = [&] {
    ++tasks;
    runtime.post(post_again);
  };
  again();
  post_again();
  for (int turn = 1; turn <= 3; ++turn) {
    runtime.poll();
    CHECK(timers == 1 + turn);
    CHECK(tasks == 1 + turn);
  }
}

TEST_CASE("a callback may cancel a due timer, and its own") {
  NativeRuntime runtime;
  std::string ran;
  steady::TimerId first = 0;
  steady::TimerId second = 0;
  first = runtime.start_timer(0ms, [&] {
    ran += "a";
    runtime.cancel_timer(first);
    runtime.cancel_timer(second);
  });
  second = runtime.start_timer(0ms, [&] { ran += "b"; });
  runtime.start_timer(0ms, [&] { ran += "c"; });
  runtime.poll();
  CHECK(ran == "ac");
}

TEST_CASE("poll and run_for have no effect from inside a callback") {
  NativeRuntime runtime(in_both());
  bool has_run = false;
  int tasks = 0;
  runtime.post([&] {
    ++tasks;
    runtime.post([&] { ++tasks; });
    runtime.poll();
    has_run = runtime.run_for(1h);
  });
  runtime.poll();
  CHECK(tasks == 1);
  CHECK_FALSE(has_run);
  runtime.poll();
  CHECK(tasks == 2);
}

TEST_CASE("a task or a timer that throws terminates the program") {
  const auto fail = [] { throw std::runtime_error("thrown by a callback"); };
  CHECK(outcome_of([&] {
          NativeRuntime runtime;
          runtime.post(fail);
          runtime.poll();
        }) == terminated);
  CHECK(outcome_of([&] {
          NativeRuntime runtime;
          runtime.start_timer(0ms, fail);
          runtime.run_for(20s);
        }) == terminated);
}

TEST_CASE("run_for waits until its timeout, or until a callback has run") {
  NativeRuntime runtime(in_both());
  auto began = runtime.now();
  CHECK_FALSE(runtime.run_for(50ms));
  CHECK(runtime.now() - began >= 49ms);
  bool ran = false;
  began = runtime.now();
  runtime.start_timer(20ms, [&] { ran = true; });
  CHECK(runtime.run_for(1h));
  CHECK(ran);
  CHECK(runtime.now() - began >= 19ms);
  CHECK(runtime.now() - began < 10s);
}

TEST_CASE("the largest and smallest durations do not overflow") {
  using std::chrono::milliseconds;
  NativeRuntime runtime(in_both());
  std::string ran;
  runtime.start_timer(milliseconds::max(), [&] { ran += "c"; });
  runtime.start_timer(milliseconds::min(), [&] { ran += "a"; });
  runtime.start_timer(20ms, [&] { ran += "b"; });
  while (ran.size() < 2) REQUIRE(runtime.run_for(milliseconds::max()));
  CHECK(ran == "ab");
  CHECK_FALSE(runtime.run_for(milliseconds::min()));
}

TEST_CASE("the clock never goes back, and random numbers are in [0, 1) and differ") {
  NativeRuntime runtime;
  NativeRuntime other;
  auto last = runtime.now();
  std::set<double> drawn;
  bool in_order = true;
  bool in_range = true;
  for (int i = 0; i < 1'000; ++i) {
    const auto now = runtime.now();
    in_order = in_order && now >= last;
    last = now;
    const double number = i % 2 == 0 ? runtime.random() : other.random();
    in_range = in_range && number >= 0 && number < 1;
    drawn.insert(number);
  }
  CHECK(in_order);
  CHECK(in_range);
  CHECK(drawn.size() == 1'000);
}

TEST_CASE("watch returns a unique id, and unwatch accepts it and 0") {
  NativeRuntime runtime;
  const auto watch = runtime.watch([](steady::Hint) {});
  CHECK(watch != 0);
  CHECK(watch != runtime.watch([](steady::Hint) {}));
  runtime.unwatch(watch);
  runtime.unwatch(0);
  CHECK_FALSE(runtime.run_for(0ms));
}

TEST_CASE("a difference between the clocks of a second or more is detected as sleep") {
  SleepDetector detector;
  CHECK_FALSE(detector.look(100s, 10s));
  CHECK_FALSE(detector.look(101s, 11s));
  CHECK_FALSE(detector.look(101s + 999ms, 11s));
  CHECK(detector.look(200s, 12s));
  CHECK_FALSE(detector.look(201s, 13s));
  // Short differences add up.
  CHECK_FALSE(detector.look(201s + 600ms, 13s));
  CHECK(detector.look(202s + 200ms, 13s));
}

TEST_CASE("a timer id is reused only after all others, and never while its timer is running") {
  TimerQueue queue;
  const auto kept = queue.start(1h, [] {});
  std::set<steady::TimerId> ids = {kept};
  for (int i = 0; i < 1'000; ++i) {
    const auto id = queue.start(1ms, [] {});
    CHECK(id != 0);
    ids.insert(id);
    queue.cancel(id);
  }
  CHECK(ids.size() == 1'001);
  CHECK(queue.next_due() == std::chrono::milliseconds(1h));
  queue.clear();
  CHECK_FALSE(queue.next_due());
}
