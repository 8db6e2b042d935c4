#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

#include "steady/hint.hpp"
#include "steady/transport.hpp"

namespace steady {

namespace detail {
class KernelListener;
}  // namespace detail

/// Names a running timer; 0 names none.
using TimerId = std::uint32_t;

/// Names a watch; 0 names none.
using WatchId = std::uint32_t;

/// What a Socket needs of its platform: a clock, timers, randomness and connections.
/// Callbacks come from the platform's event loop, on the thread that uses the Socket.
class Runtime {
 public:
  virtual ~Runtime() = default;

  /// Time since some fixed point, in which the machine's sleep counts as well. Never goes back.
  virtual std::chrono::milliseconds now() const = 0;

  /// Calls `callback` once, after `delay`. The timer is gone when the callback begins.
  virtual TimerId start_timer(std::chrono::milliseconds delay, std::function<void()> callback) = 0;

  /// Harmless for a timer that has fired, and for 0.
  virtual void cancel_timer(TimerId timer) = 0;

  /// Calls `callback` soon, when the calls now under way have returned.
  virtual void post(std::function<void()> callback) = 0;

  /// Uniform in [0, 1).
  virtual double random() = 0;

  /// Calls `callback` for every hint, from the event loop, until unwatch(). A platform that has
  /// none need not care.
  virtual WatchId watch(std::function<void(Hint)> callback) {
    static_cast<void>(callback);
    return 0;
  }
  /// Harmless for 0. May be called by the callback, which is not called again.
  virtual void unwatch(WatchId watch) { static_cast<void>(watch); }

  /// Does what is due: for a platform whose event loop is the program's own, which calls this
  /// often, by Socket::poll() or itself. Where events come by themselves, as on the web, it does
  /// nothing. No effect from inside a callback. A callback may destroy the Runtime.
  virtual void poll() {}

  /// A new, unconnected Transport.
  virtual std::unique_ptr<Transport> make_transport() = 0;

  /// For steady::testing::RecordingRuntime: asked for once by every Socket that is made.
  virtual detail::KernelListener* kernel_listener() { return nullptr; }
};

/// The Runtime of the platform this was compiled for.
std::unique_ptr<Runtime> make_default_runtime();

}  // namespace steady
