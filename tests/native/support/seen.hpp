#pragma once

#include <mutex>
#include <utility>
#include <vector>

/// A thread-safe list of values that a server's script records and the test reads.
template <class T>
class Seen {
 public:
  void add(T one) {
    const std::lock_guard lock(mutex_);
    all_.push_back(std::move(one));
  }
  /// Returns a function that adds a value.
  auto adder() {
    return [this](const T& one) { add(one); };
  }
  std::vector<T> all() const {
    const std::lock_guard lock(mutex_);
    return all_;
  }
  std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return all_.size();
  }
  T last() const {
    const std::lock_guard lock(mutex_);
    return all_.empty() ? T{} : all_.back();
  }

 private:
  mutable std::mutex mutex_;
  std::vector<T> all_;
};
