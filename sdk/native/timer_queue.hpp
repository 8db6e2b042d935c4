#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "steady/runtime.hpp"

namespace steady::native {

/// Timers by the time when they are due. What ends leaves its memory for the next.
class TimerQueue {
 public:
  using Callback = std::function<void()>;

  TimerId start(std::chrono::milliseconds due, Callback callback);
  void cancel(TimerId timer);
  void clear();

  std::optional<std::chrono::milliseconds> next_due() const;
  std::size_t due_by(std::chrono::milliseconds now) const;
  /// The one that is due next is gone; what it was to do.
  Callback take_next();

 private:
  /// Of two that are due at the same time the older goes first.
  using Key = std::pair<std::chrono::milliseconds, TimerId>;
  using Timers = std::map<Key, Callback>;
  using Dues = std::unordered_map<TimerId, std::chrono::milliseconds>;

  Callback remove(Timers::iterator timer);

  Timers timers_;
  Dues due_of_;
  TimerId last_ = 0;
  std::vector<Timers::node_type> spare_timers_;
  std::vector<Dues::node_type> spare_dues_;
};

}  // namespace steady::native
