#include "clock.hpp"

#include <ctime>

namespace steady::native {

using std::chrono::nanoseconds;

namespace {

[[maybe_unused]] nanoseconds steady_time() {
  return std::chrono::duration_cast<nanoseconds>(
      std::chrono::steady_clock::now().time_since_epoch());
}

#ifdef CLOCK_BOOTTIME
nanoseconds time_of(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return std::chrono::seconds(time.tv_sec) + nanoseconds(time.tv_nsec);
}
#endif

}  // namespace

#ifdef CLOCK_BOOTTIME
nanoseconds machine_time() { return time_of(CLOCK_BOOTTIME); }
nanoseconds awake_time() { return time_of(CLOCK_MONOTONIC); }
#else
nanoseconds machine_time() { return steady_time(); }
nanoseconds awake_time() { return steady_time(); }
#endif

}  // namespace steady::native
