#include "steady/testing/recording_runtime.hpp"

#include <utility>

#include "life_recorder.hpp"

namespace steady::testing {

TimerId RecordingRuntime::start_timer(std::chrono::milliseconds delay,
                                      std::function<void()> callback) {
  return runtime_.start_timer(delay, std::move(callback));
}

WatchId RecordingRuntime::watch(std::function<void(Hint)> callback) {
  return runtime_.watch(std::move(callback));
}

detail::KernelListener* RecordingRuntime::kernel_listener() { return log_.recorder_.get(); }

}  // namespace steady::testing
