#pragma once

#include <chrono>
#include <optional>

namespace steady::native {

/// Detects that the machine was asleep: a clock that counts sleep has advanced more than one that
/// does not.
class SleepDetector {
 public:
  /// Returns true if the machine was asleep since the last call, for a second or longer.
  bool look(std::chrono::nanoseconds machine_time, std::chrono::nanoseconds awake_time) {
    // A shorter sleep does not harm a connection, and the clocks are not read at the same instant.
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
