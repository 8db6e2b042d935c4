#pragma once

#include <chrono>
#include <optional>

namespace steady::native {

/// Finds out that the machine was asleep: a clock that counts sleep has got ahead of one that does
/// not.
class SleepDetector {
 public:
  /// True if it was since the last look.
  bool look(std::chrono::nanoseconds machine_time, std::chrono::nanoseconds awake_time) {
    // Below, a connection is none the worse for it; the two are not read at the same moment.
    constexpr std::chrono::seconds min_sleep{1};
    const std::chrono::nanoseconds slept = machine_time - awake_time;
    const bool has_slept = slept_ && slept - *slept_ >= min_sleep;
    if (!slept_ || has_slept) slept_ = slept;
    return has_slept;
  }

 private:
  std::optional<std::chrono::nanoseconds> slept_;
};

}  // namespace steady::native
