#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "steady/runtime.hpp"
#include "steady/testing/fake_transport.hpp"

namespace steady::testing {

/// A Runtime whose clock moves only when told to: years of connection life in milliseconds.
/// It remembers every transport it made, so that a test can play the server.
class ManualRuntime final : public Runtime {
 public:
  /// `seed` decides what random() gives.
  explicit ManualRuntime(std::uint64_t seed = 1);
  ~ManualRuntime() override;

  std::chrono::milliseconds now() const override { return now_; }
  TimerId start_timer(std::chrono::milliseconds delay, std::function<void()> callback) override;
  void cancel_timer(TimerId timer) override;
  void post(std::function<void()> callback) override;
  double random() override;
  WatchId watch(std::function<void(Hint)> callback) override;
  void unwatch(WatchId watch) override { watches_.erase(watch); }
  std::unique_ptr<Transport> make_transport() override;

  /// Runs what was posted, and what that posts.
  void run_posted();
  /// One turn of an event loop: runs what was posted so far.
  void run_posted_once();
  /// Lets time pass: runs what was posted and the timers that fall due, in their order.
  void advance(std::chrono::milliseconds duration);
  /// Lets time pass in which nothing runs, as in a machine that sleeps: timers are late.
  void sleep(std::chrono::milliseconds duration) { now_ += duration; }
  /// Lets time pass until the next timer is due, and runs it. False if there is none.
  bool advance_to_next_timer();

  /// The platform notices something.
  void notice(Hint hint);
  /// Those who are told what it notices.
  std::size_t watches() const { return watches_.size(); }

  /// Timers that are running.
  std::size_t timers() const { return timers_.size(); }
  /// Transports made so far.
  std::size_t transports() const { return transports_.size(); }
  /// The server's end of transport `index`, from 0. There must be one. It can be asked after the
  /// Socket has let go of it, and tell as long as the Socket lives.
  FakeConnection& connection(std::size_t index) { return *transports_.at(index); }
  /// The newest one.
  FakeConnection& connection() { return connection(transports_.size() - 1); }

  /// What random() gives instead of drawing, until set to a negative number.
  void fix_random(double value) { fixed_random_ = value; }
  /// What the next open() answers.
  void refuse_next_open(Error error) { next_open_error_ = std::move(error); }

 private:
  struct Timer {
    TimerId id;
    std::function<void()> callback;
  };

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
