#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>

#include "steady/runtime.hpp"
#include "steady/testing/life_log.hpp"

namespace steady::testing {

/// Wraps a Runtime and records the Socket that uses it. Works with every Runtime, also outside of
/// tests.
class RecordingRuntime final : public Runtime {
 public:
  /// Both must outlive it. A log records one Socket; a second Socket clears it.
  RecordingRuntime(Runtime& runtime, LifeLog& log) : runtime_(runtime), log_(log) {}

  std::chrono::milliseconds now() const override { return runtime_.now(); }
  TimerId start_timer(std::chrono::milliseconds delay, std::function<void()> callback) override;
  void cancel_timer(TimerId timer) override { runtime_.cancel_timer(timer); }
  void post(std::function<void()> callback) override { runtime_.post(std::move(callback)); }
  double random() override { return runtime_.random(); }
  void random_bytes(std::span<std::byte> bytes) override { runtime_.random_bytes(bytes); }
  std::chrono::milliseconds wall_clock() const override { return runtime_.wall_clock(); }
  WatchId watch(std::function<void(Hint)> callback) override;
  void unwatch(WatchId watch) override { runtime_.unwatch(watch); }
  void poll() override { runtime_.poll(); }
  std::unique_ptr<Transport> make_transport() override { return runtime_.make_transport(); }
  detail::KernelListener* kernel_listener() override;

 private:
  Runtime& runtime_;
  LifeLog& log_;
};

}  // namespace steady::testing
