#pragma once

#include <functional>
#include <memory>

namespace steady::native {

class TaskQueue;

/// A door into a NativeRuntime for other threads. Its calls may come from any thread, at any time,
/// also when the runtime is gone; copies lead to the same one.
class RuntimeHandle {
 public:
  /// Made by NativeRuntime::handle().
  explicit RuntimeHandle(std::shared_ptr<TaskQueue> tasks);

  /// Runs `task` on the thread that uses the runtime, in its next poll() or run_for(), which does
  /// not wait any longer. Tasks run in the order in which they were posted, after messages and
  /// timers; one that is posted by a task has its turn in the poll after that. What it throws ends
  /// the program. False if the runtime is gone. The task is then destroyed by this call; one that
  /// waits when the runtime goes is destroyed on its thread. Neither runs.
  bool post(std::function<void()> task) const;

  /// Ends a run_for() that waits; if none does, the next one does not. False if the runtime is
  /// gone.
  bool wake() const;

 private:
  std::shared_ptr<TaskQueue> tasks_;
};

}  // namespace steady::native
