#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "steady/runtime.hpp"
#include "steady/testing/fake_transport.hpp"

namespace steady::testing {

/// A Runtime with a virtual clock that a test advances: years of a connection in milliseconds.
/// Keeps the server's end of every transport, so that a test can act as the server.
class ManualRuntime final : public Runtime {
 public:
  /// `seed` is the seed of random().
  explicit ManualRuntime(std::uint64_t seed = 1);
  ~ManualRuntime() override;

  std::chrono::milliseconds now() const override { return now_; }
  TimerId start_timer(std::chrono::milliseconds delay, std::function<void()> callback) override;
  void cancel_timer(TimerId timer) override;
  void post(std::function<void()> callback) override;
  double random() override;
  /// From the seed of random(), and not affected by fix_random().
  void random_bytes(std::span<std::byte> bytes) override;
  /// Begins at 2001-09-09 01:46:40 UTC, which is 1e12 ms.
  std::chrono::milliseconds wall_clock() const override { return wall_clock_at_start + now_; }
  /// Value of wall_clock() when now() is 0.
  static constexpr std::chrono::milliseconds wall_clock_at_start{1'000'000'000'000};
  WatchId watch(std::function<void(Hint)> callback) override;
  void unwatch(WatchId watch) override { watches_.erase(watch); }
  std::unique_ptr<Transport> make_transport() override;

  /// Runs posted callbacks until there are none, including those that callbacks post.
  void run_posted();
  /// Runs one turn of an event loop: the callbacks posted so far.
  void run_posted_once();
  /// Advances the clock. Runs posted callbacks and due timers, in order.
  void advance(std::chrono::milliseconds duration);
  /// Advances the clock without running anything, as on a machine that sleeps: timers run late.
  void sleep(std::chrono::milliseconds duration) { now_ += duration; }
  /// Advances the clock to the next timer and runs it. Returns false if there is no timer.
  bool advance_to_next_timer();

  /// Reports a hint of the platform to all watches.
  void notice(Hint hint);
  /// Returns the number of watches.
  std::size_t watches() const { return watches_.size(); }

  /// Returns the number of running timers.
  std::size_t timers() const { return timers_.size(); }
  /// Returns the number of transports made so far.
  std::size_t transports() const { return transports_.size(); }
  /// Returns the server's end of transport `index`, from 0, which must exist. It stays valid after
  /// the transport was destroyed; its events may be dispatched while the Socket exists.
  FakeConnection& connection(std::size_t index) { return *transports_.at(index); }
  /// Returns the server's end of the newest transport, which must exist.
  FakeConnection& connection() { return connection(transports_.size() - 1); }

  /// Makes random() return `value`. A negative value ends that.
  void fix_random(double value) { fixed_random_ = value; }
  /// Sets the return value of the next Transport::open().
  void refuse_next_open(Error error) { next_open_error_ = std::move(error); }

 private:
  struct Timer {
    TimerId id;
    std::function<void()> callback;
  };

  double draw();

  std::chrono::milliseconds now_{0};
  std::uint64_t random_state_;
  double fixed_random_ = -1;
  TimerId last_timer_ = 0;
  std::multimap<std::chrono::milliseconds, Timer> timers_;
  std::deque<std::function<void()>> posted_;
  WatchId last_watch_ = 0;
  std::map<WatchId, std::function<void(Hint)>> watches_;
  std::vector<std::shared_ptr<FakeConnection>> transports_;
  Error next_open_error_;
};

}  // namespace steady::testing
