#pragma once

#include <cstdint>

#include "kernel.hpp"

namespace steady::kernel {

/// Reading::state is that much more while received messages are dispatched.
inline constexpr std::uint32_t receiving = 8;

/// Values that can be read from a kernel.
enum class Reading : std::uint8_t {
  state,         ///< State, and `receiving`.
  queued_bytes,  ///< Bytes that wait.
  queued,        ///< Messages that wait.
  retry_in,      ///< Milliseconds until the next attempt; negative if none is scheduled.
  retries,       ///< Attempts in a row.
  last,          ///< The last round trip in milliseconds; this and the next are -1 without one.
  smoothed,      ///< The average round trip.
  jitter,        ///< The average distance from it.
  asking,        ///< The attempt whose provider was asked; 0 if there is none.
  greeting,      ///< The attempt that is being greeted; 0 if there is none.
  last_id,       ///< The message id that was used last.
  clock_offset,  ///< The server's clock less Moment::now; -1 if unknown.
};

/// `now` is used by the readings that depend on the time.
inline double read(const Kernel& kernel, Reading reading, double now) {
  switch (reading) {
    case Reading::state:
      return static_cast<double>(kernel.state()) + (kernel.is_receiving() ? receiving : 0);
    case Reading::queued_bytes:
      return static_cast<double>(kernel.queued_bytes());
    case Reading::queued:
      return static_cast<double>(kernel.queued_messages());
    case Reading::retry_in:
      return kernel.retry_in(now);
    case Reading::retries:
      return kernel.retries(now);
    case Reading::last:
      return kernel.round_trip().last;
    case Reading::smoothed:
      return kernel.round_trip().smoothed;
    case Reading::jitter:
      return kernel.round_trip().jitter;
    case Reading::asking:
      return kernel.attempt_in(Phase::asking);
    case Reading::greeting:
      return kernel.attempt_in(Phase::greeting);
    case Reading::last_id:
      return kernel.last_id();
    case Reading::clock_offset:
      return kernel.clock_offset();
  }
  return 0;
}

}  // namespace steady::kernel
