#include "task_queue.hpp"

#include <utility>

#include "engine.hpp"

namespace steady::native {

bool TaskQueue::post(Task task) {
  const std::lock_guard lock(mutex_);
  // `task` outlives the lock, because destructors of captured objects may call post().
  if (is_closed_) return false;
  tasks_.push_back(std::move(task));
  interrupt();
  return true;
}

bool TaskQueue::wake() {
  const std::lock_guard lock(mutex_);
  if (is_closed_) return false;
  is_woken_ = true;
  interrupt();
  return true;
}

void TaskQueue::take(std::vector<Task>& tasks) {
  const std::lock_guard lock(mutex_);
  std::swap(tasks, tasks_);
}

bool TaskQueue::wait(Engine* engine, std::chrono::nanoseconds timeout) {
  std::unique_lock lock(mutex_);
  if (tasks_.empty() && !is_woken_) {
    is_waiting_ = true;
    waiting_engine_ = engine;
    if (engine != nullptr) {
      lock.unlock();
      engine->wait(timeout);
      lock.lock();
    } else {
      interrupted_.wait_for(lock, timeout, [this] { return !is_waiting_; });
    }
    is_waiting_ = false;
    waiting_engine_ = nullptr;
  }
  return std::exchange(is_woken_, false);
}

void TaskQueue::close() {
  std::vector<Task> discarded;
  const std::lock_guard lock(mutex_);
  is_closed_ = true;
  discarded.swap(tasks_);
}

void TaskQueue::interrupt() {
  if (!std::exchange(is_waiting_, false)) return;
  if (waiting_engine_ != nullptr) {
    waiting_engine_->interrupt();
  } else {
    interrupted_.notify_one();
  }
}

}  // namespace steady::native
