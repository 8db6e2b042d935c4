#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <vector>

namespace steady::native {

class Engine;

/// Tasks for the thread that uses a runtime, from that thread and from others. Outlives the
/// runtime: a RuntimeHandle holds it.
class TaskQueue {
 public:
  using Task = std::function<void()>;

  // --- Any thread. ---

  /// Queues the task, and ends a wait for it. False if the runtime is gone: the task is destroyed.
  bool post(Task task);
  /// Ends the wait that is under way, or else the next one. False if the runtime is gone.
  bool wake();

  // --- The runtime's thread. ---

  /// Exchanges what has been posted for the memory of `tasks`, which is empty.
  void take(std::vector<Task>& tasks);
  /// Waits until there is a task, until wake(), or, with an engine, until that has something.
  /// True after wake().
  bool wait(Engine* engine, std::chrono::nanoseconds timeout);
  /// The runtime is gone. What had been posted is destroyed.
  void close();

 private:
  /// The mutex is held.
  void interrupt();

  std::mutex mutex_;
  std::vector<Task> tasks_;
  bool is_woken_ = false;
  bool is_closed_ = false;
  bool is_waiting_ = false;
  /// That waits, if there is one.
  Engine* waiting_engine_ = nullptr;
  /// For a wait without.
  std::condition_variable interrupted_;
};

}  // namespace steady::native
