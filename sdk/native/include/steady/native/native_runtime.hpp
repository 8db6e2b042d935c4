#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "steady/native/native_options.hpp"
#include "steady/native/runtime_handle.hpp"
#include "steady/runtime.hpp"

namespace steady::native {

/// Clock, timers and connections of a desktop or server program. Nothing happens by itself: poll()
/// or run_for() is to be called, often, on the thread that uses the Socket.
class NativeRuntime final : public Runtime {
 public:
  /// Options that are refused are told by Transport::open, so by the Socket: see Socket::error().
  explicit NativeRuntime(NativeOptions options = {});
  NativeRuntime(const NativeRuntime&) = delete;
  NativeRuntime& operator=(const NativeRuntime&) = delete;
  ~NativeRuntime() override;

  /// On Linux since the machine was started, its sleep included.
  std::chrono::milliseconds now() const override;
  TimerId start_timer(std::chrono::milliseconds delay, std::function<void()> callback) override;
  void cancel_timer(TimerId timer) override;
  /// May be called from any thread, as long as the runtime lives: see RuntimeHandle::post.
  void post(std::function<void()> callback) override;
  double random() override;
  /// Hint::wake when the machine was asleep (Linux). There is no other hint.
  WatchId watch(std::function<void(Hint)> callback) override;
  void unwatch(WatchId watch) override;
  std::unique_ptr<Transport> make_transport() override;

  /// Tells what has happened, runs the timers that are due, and returns; it does not wait.
  void poll() override;

  /// For programs that have nothing else to do: waits until there is something to tell or to run,
  /// at most for `timeout`, and does it. False if there was nothing, also after wake(), and from
  /// inside a callback.
  bool run_for(std::chrono::milliseconds timeout);

  /// May be called from any thread, as long as the runtime lives: see RuntimeHandle::wake.
  void wake();
  /// For threads that may outlive the runtime: one that waits for input, say.
  RuntimeHandle handle() const;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace steady::native
