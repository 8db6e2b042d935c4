#include "steady/web/web_runtime.hpp"

#include <emscripten/emscripten.h>
#include <emscripten/html5.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "imports.hpp"
#include "web_transport.hpp"

namespace steady {

std::unique_ptr<Runtime> make_default_runtime() { return std::make_unique<web::WebRuntime>(); }

namespace web {

using std::chrono::milliseconds;

struct WebRuntime::Timer {
  WebRuntime* runtime;
  TimerId id;
  std::function<void()> callback;
};

WebRuntime::~WebRuntime() {
  for (Timer* timer : timers_) {
    emscripten_clear_timeout(static_cast<long>(timer->id));
    delete timer;
  }
}

milliseconds WebRuntime::now() const {
  return milliseconds(static_cast<std::int64_t>(emscripten_get_now()));
}

TimerId WebRuntime::start_timer(milliseconds delay, std::function<void()> callback) {
  // A longer timeout would fire at once (HTML standard, timer initialisation: a signed 32-bit int).
  constexpr double longest = std::numeric_limits<std::int32_t>::max();
  const double ms = std::clamp(static_cast<double>(delay.count()), 0.0, longest);
  auto* timer = new Timer{this, 0, std::move(callback)};
  const auto fire = [](void* user_data) {
    auto* fired = static_cast<Timer*>(user_data);
    std::erase(fired->runtime->timers_, fired);
    const std::function<void()> run = std::move(fired->callback);
    delete fired;
    // Last: it may destroy the runtime.
    run();
  };
  timer->id = static_cast<TimerId>(emscripten_set_timeout(fire, ms, timer));
  timers_.push_back(timer);
  return timer->id;
}

void WebRuntime::cancel_timer(TimerId id) {
  const auto found = std::find_if(timers_.begin(), timers_.end(),
                                  [id](const Timer* timer) { return timer->id == id; });
  if (found == timers_.end()) return;
  emscripten_clear_timeout(static_cast<long>(id));
  delete *found;
  timers_.erase(found);
}

void WebRuntime::post(std::function<void()> callback) {
  steady_web_post(new std::function<void()>(std::move(callback)));
}

double WebRuntime::random() {
  // Rounding to float can make 1 of it.
  constexpr double below_one = 1.0 - 0x1.0p-24;
  return std::min(static_cast<double>(emscripten_random()), below_one);
}

std::unique_ptr<Transport> WebRuntime::make_transport() {
  return std::make_unique<WebTransport>(observer_);
}

}  // namespace web
}  // namespace steady

extern "C" EMSCRIPTEN_KEEPALIVE void steady_web_run_posted(void* callback) {
  const std::unique_ptr<std::function<void()>> run(static_cast<std::function<void()>*>(callback));
  (*run)();
}
