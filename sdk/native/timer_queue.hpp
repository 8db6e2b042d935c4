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

/// Timers ordered by due time. The memory of a timer that has ended is reused.
class TimerQueue {
 public:
  using Callback = std::function<void()>;

  TimerId start(std::chrono::milliseconds due, Callback callback);
  void cancel(TimerId timer);
  void clear();

  /// Returns no value if there is no timer.
  std::optional<std::chrono::milliseconds> next_due() const;
  /// Number of timers due at `now` or earlier.
  std::size_t due_by(std::chrono::milliseconds now) const;
  /// Removes the timer that is due next and returns its callback. There must be one.
  Callback take_next();

 private:
  /// Timers due at the same time run in the order in which they were started.
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
