#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "message.hpp"

namespace steady::kernel {

/// Timers of a socket. Those that are due together run in this order.
enum class Timer : std::uint8_t {
  // Of a connection, or an attempt.
  attempt,  ///< An attempt, or a greeting, takes too long.
  close,    ///< The close handshake takes too long.
  drain,    ///< To look at the platform's buffer.
  receipt,  ///< To acknowledge what was received.
  look,     ///< To look whether the server is still there.

  // Of the socket.
  retry,    ///< To make the next attempt.
  flush,    ///< A flush before a close takes too long.
  expiry,   ///< To drop messages that are too old.
  session,  ///< A session is without a connection for too long.
};

/// The times of all timers. The shell has one timer, for the earliest.
class Timers {
 public:
  static constexpr std::size_t count = 9;

  Timers() { due_.fill(never); }

  void start(Timer timer, double due) { due_[static_cast<std::size_t>(timer)] = due; }
  void stop(Timer timer) { start(timer, never); }
  /// Stops those of a connection.
  void stop_connection() {
    std::fill_n(due_.begin(), static_cast<std::size_t>(Timer::look) + 1, never);
  }
  bool is_running(Timer timer) const { return due_[static_cast<std::size_t>(timer)] < never; }

  /// Time of the earliest; negative if none runs.
  double next() const {
    const double due = due_[earliest()];
    return due < never ? due : -1;
  }
  /// Stops the earliest that is due. False if none is.
  bool take_due(double now, Timer& timer) {
    const std::size_t found = earliest();
    if (due_[found] > now) return false;
    due_[found] = never;
    timer = static_cast<Timer>(found);
    return true;
  }

 private:
  std::size_t earliest() const {
    std::size_t found = 0;
    for (std::size_t i = 1; i < count; ++i) {
      if (due_[i] < due_[found]) found = i;
    }
    return found;
  }

  std::array<double, count> due_;
};

}  // namespace steady::kernel
