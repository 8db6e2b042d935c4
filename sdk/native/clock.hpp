#pragma once

#include <chrono>

namespace steady::native {

/// Since some fixed point, the machine's sleep included where the system tells it (Linux).
std::chrono::nanoseconds machine_time();
/// The same without the sleep.
std::chrono::nanoseconds awake_time();

}  // namespace steady::native
