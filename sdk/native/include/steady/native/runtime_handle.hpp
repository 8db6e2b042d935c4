#pragma once

#include <functional>
#include <memory>

#include "steady/cpp20.hpp"

namespace steady::native {

class TaskQueue;

/// Thread-safe access to a NativeRuntime. May be used from any thread at any time, even after the
/// runtime was destroyed. Copies refer to the same runtime.
class RuntimeHandle {
 public:
  /// Used by NativeRuntime::handle().
  explicit RuntimeHandle(std::shared_ptr<TaskQueue> tasks);

  /// Schedules `task` on the runtime's thread, in the next poll() or run_for(); a run_for() that is
  /// waiting returns. Tasks run in the order of the calls, after messages and timers; a task posted
  /// by a task runs in the poll after that. A task that throws terminates the program.
  /// Returns false if the runtime was destroyed; the task is then destroyed by this call. Tasks
  /// still queued when the runtime is destroyed are destroyed on its thread. Neither is run.
  bool post(std::function<void()> task) const;

  /// Ends the run_for() that is waiting, or makes the next one return without waiting. Returns
  /// false if the runtime was destroyed.
  bool wake() const;

 private:
  std::shared_ptr<TaskQueue> tasks_;
};

}  // namespace steady::native
