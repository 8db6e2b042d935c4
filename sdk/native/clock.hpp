#pragma once

#include <chrono>

namespace steady::native {

/// Time since a fixed point in the past, including the machine's sleep where the system can report
/// it (Linux: CLOCK_BOOTTIME).
std::chrono::nanoseconds machine_time();
/// The same without the machine's sleep.
std::chrono::nanoseconds awake_time();

}  // namespace steady::native
