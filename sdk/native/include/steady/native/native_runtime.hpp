#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>

#include "steady/native/native_options.hpp"
#include "steady/native/runtime_handle.hpp"
#include "steady/runtime.hpp"

namespace steady::native {

/// Runtime for desktop and server programs: clock, timers and connections. It makes no progress by
/// itself: call poll() or run_for() often, on the thread that uses the Socket.
class NativeRuntime final : public Runtime {
 public:
  /// Invalid options are reported by Transport::open, and so by Socket::error().
  explicit NativeRuntime(NativeOptions options = {});
  NativeRuntime(const NativeRuntime&) = delete;
  NativeRuntime& operator=(const NativeRuntime&) = delete;
  ~NativeRuntime() override;

  /// On Linux, the time since boot, including the time that the machine was asleep.
  std::chrono::milliseconds now() const override;
  /// `delay` is clamped to the range from 0 to 100 years.
  TimerId start_timer(std::chrono::milliseconds delay, std::function<void()> callback) override;
  void cancel_timer(TimerId timer) override;
  /// Thread-safe while the runtime exists: see RuntimeHandle::post.
  void post(std::function<void()> callback) override;
  double random() override;
  void random_bytes(std::span<std::byte> bytes) override;
  /// Reports Hint::wake after the machine was asleep (Linux only), and no other hint.
  WatchId watch(std::function<void(Hint)> callback) override;
  void unwatch(WatchId watch) override;
  std::unique_ptr<Transport> make_transport() override;

  /// Dispatches pending events, runs due timers and posted tasks, and returns without waiting.
  void poll() override;

  /// For programs without a loop of their own: waits at most `timeout`, from 0 to 100 years, for
  /// something to dispatch or to run, and does it. Returns true if a callback ran; false on
  /// timeout, after wake(), and when called from inside a callback.
  bool run_for(std::chrono::milliseconds timeout);

  /// Thread-safe while the runtime exists: see RuntimeHandle::wake.
  void wake();
  /// Returns a handle for threads that may outlive the runtime, such as one that reads input.
  RuntimeHandle handle() const;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace steady::native
