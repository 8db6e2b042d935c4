#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "steady/runtime.hpp"

namespace steady::web {

/// Default factory of a WebRuntime's transports. `observer`: see WebRuntime.
std::unique_ptr<Transport> make_web_transport(std::uint32_t observer);

/// Runtime on the clock, the timers and the WebSocket of the browser, or of a worker, Node, Deno or
/// Bun. Started timers and posted callbacks run also after its destruction, unless they were
/// cancelled.
class WebRuntime final : public Runtime {
 public:
  WebRuntime() = default;
  /// For bindings: `observer` is the number of a JavaScript object that observes the connections
  /// (see steady_web_new in steady_web.js); `make_transport` creates their transports.
  WebRuntime(std::uint32_t observer,
             std::unique_ptr<Transport> (*make_transport)(std::uint32_t observer))
      : observer_(observer), make_transport_(make_transport) {}

  std::chrono::milliseconds now() const override;
  TimerId start_timer(std::chrono::milliseconds delay, std::function<void()> callback) override;
  void cancel_timer(TimerId timer) override;
  void post(std::function<void()> callback) override;
  double random() override;
  void random_bytes(std::span<std::byte> bytes) override;
  std::chrono::milliseconds wall_clock() const override;
  WatchId watch(std::function<void(Hint)> callback) override;
  void unwatch(WatchId watch) override;
  std::unique_ptr<Transport> make_transport() override;

 private:
  std::uint32_t observer_ = 0;
  std::unique_ptr<Transport> (*make_transport_)(std::uint32_t observer) = make_web_transport;
};

}  // namespace steady::web
