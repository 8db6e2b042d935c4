#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <vector>

namespace steady::native {

class Engine;

/// Tasks posted from any thread for the thread that uses a runtime. Shared with RuntimeHandle, so
/// it may outlive the runtime.
class TaskQueue {
 public:
  using Task = std::function<void()>;

  // --- Any thread. ---

  /// Enqueues the task and ends a wait. Returns false, and destroys the task, if the runtime was
  /// destroyed.
  bool post(Task task);
  /// Ends the current wait, or the next one. Returns false if the runtime was destroyed.
  bool wake();

  // --- User thread (see Engine). ---

  /// Swaps the posted tasks with `tasks`, which must be empty and whose memory is reused.
  void take(std::vector<Task>& tasks);
  /// Waits for a task, for wake() or, with an engine, for its events. Returns true after wake().
  bool wait(Engine* engine, std::chrono::nanoseconds timeout);
  /// Called when the runtime is destroyed. Destroys the posted tasks.
  void close();

 private:
  /// Ends the current wait, if there is one. The mutex is held.
  void interrupt();

  std::mutex mutex_;
  std::vector<Task> tasks_;
  bool is_woken_ = false;
  bool is_closed_ = false;
  bool is_waiting_ = false;
  /// The engine that waits. Null: `interrupted_` is waited for.
  Engine* waiting_engine_ = nullptr;
  /// Used for waits without an engine.
  std::condition_variable interrupted_;
};

}  // namespace steady::native
