#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "steady/runtime.hpp"

namespace steady::web {

/// The browser's clock, timers and WebSocket; the same in workers, Node, Deno and Bun.
class WebRuntime final : public Runtime {
 public:
  WebRuntime() = default;
  /// `observer` names a JavaScript object that sits beside the connections of this runtime (see
  /// SteadyWeb.observe in steady_web.js): it may choose the WebSocket class, and is shown received
  /// messages without their being copied. 0 is none.
  explicit WebRuntime(std::uint32_t observer) : observer_(observer) {}
  WebRuntime(const WebRuntime&) = delete;
  WebRuntime& operator=(const WebRuntime&) = delete;
  ~WebRuntime() override;

  std::chrono::milliseconds now() const override;
  TimerId start_timer(std::chrono::milliseconds delay, std::function<void()> callback) override;
  void cancel_timer(TimerId timer) override;
  void post(std::function<void()> callback) override;
  double random() override;
  std::unique_ptr<Transport> make_transport() override;

  /// For steady_web.js: a timer is due.
  static void fire(void* timer);

 private:
  struct Timer;

  std::uint32_t observer_ = 0;
  std::vector<Timer*> timers_;
};

}  // namespace steady::web
