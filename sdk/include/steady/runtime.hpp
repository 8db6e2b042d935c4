#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "steady/hint.hpp"
#include "steady/transport.hpp"

namespace steady {

namespace detail {
class KernelListener;
}  // namespace detail

/// Identifies a running timer; 0 is none.
using TimerId = std::uint32_t;

/// Identifies a watch; 0 is none.
using WatchId = std::uint32_t;

/// The platform of a Socket: clock, timers, random numbers and connections. Callbacks are called
/// from the platform's event loop, on the thread that uses the Socket.
class Runtime {
 public:
  virtual ~Runtime() = default;

  /// Returns the time since a fixed point, including the time for which the machine was asleep.
  /// Monotonic.
  virtual std::chrono::milliseconds now() const = 0;

  /// Calls `callback` once, after `delay`. The TimerId is invalid from the start of the callback.
  virtual TimerId start_timer(std::chrono::milliseconds delay, std::function<void()> callback) = 0;

  /// Cancels a timer. No effect for a timer that has fired, and for 0.
  virtual void cancel_timer(TimerId timer) = 0;

  /// Calls `callback` from the event loop, after the current calls have returned.
  virtual void post(std::function<void()> callback) = 0;

  /// Returns a random number, uniform in [0, 1).
  virtual double random() = 0;

  /// Fills `bytes` with unpredictable random bytes: the id of a session is a secret.
  virtual void random_bytes(std::span<std::byte> bytes) = 0;

  /// Returns the system clock, as the time since 1970-01-01 UTC. It is sent to the server of a
  /// session, which may measure the difference to its own.
  virtual std::chrono::milliseconds wall_clock() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now().time_since_epoch());
  }

  /// Calls `callback` for every hint, from the event loop, until unwatch(). The default never calls
  /// it, for platforms without hints.
  virtual WatchId watch(std::function<void(Hint)> callback) {
    static_cast<void>(callback);
    return 0;
  }
  /// Ends a watch. No effect for 0. May be called inside the callback, which is not called again.
  virtual void unwatch(WatchId watch) { static_cast<void>(watch); }

  /// Runs due timers, posted callbacks and events on platforms where the program owns the event
  /// loop and calls this frequently, directly or by Socket::poll(). Does nothing where the platform
  /// owns the event loop, as on the web. No effect inside a callback. A callback may destroy the
  /// Runtime.
  virtual void poll() {}

  /// Returns a new Transport that is not connected.
  virtual std::unique_ptr<Transport> make_transport() = 0;

  /// For steady::testing::RecordingRuntime: returns a listener of the Socket's kernel, or null.
  /// Called once by the constructor of every Socket.
  virtual detail::KernelListener* kernel_listener() { return nullptr; }
};

/// Returns the Runtime of the platform that the program is compiled for.
std::unique_ptr<Runtime> make_default_runtime();

}  // namespace steady
