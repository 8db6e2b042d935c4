#include "steady/web/web_runtime.hpp"

#include <emscripten/emscripten.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "imports.hpp"
#include "steady/web/text.hpp"

// steady_web.js assumes 32-bit pointers.
static_assert(sizeof(void*) == 4, "steadysocket is not for -sMEMORY64");

namespace steady {

std::unique_ptr<Runtime> make_default_runtime() { return std::make_unique<web::WebRuntime>(); }

namespace web {

std::string take_text() {
  std::string text(steady_web_take_text(nullptr), '\0');
  steady_web_take_text(text.data());
  return text;
}

using std::chrono::milliseconds;

milliseconds WebRuntime::now() const {
  return milliseconds(static_cast<std::int64_t>(steady_web_now()));
}

TimerId WebRuntime::start_timer(milliseconds delay, std::function<void()> callback) {
  // A longer timeout fires at once (HTML standard, timer initialisation steps: a signed 32-bit
  // integer).
  constexpr double longest = std::numeric_limits<std::int32_t>::max();
  const double ms = std::clamp(static_cast<double>(delay.count()), 0.0, longest);
  return steady_web_start_timer(ms, new Callback(std::move(callback)));
}

void WebRuntime::cancel_timer(TimerId id) {
  delete static_cast<Callback*>(steady_web_cancel_timer(id));
}

void WebRuntime::post(std::function<void()> callback) {
  steady_web_post(new Callback(std::move(callback)));
}

double WebRuntime::random() {
  // Rounding to float may result in 1.
  constexpr double below_one = 1.0 - 0x1.0p-24;
  return std::min(static_cast<double>(emscripten_random()), below_one);
}

void WebRuntime::random_bytes(std::span<std::byte> bytes) {
  steady_web_random(bytes.data(), static_cast<int>(bytes.size()));
}

milliseconds WebRuntime::wall_clock() const {
  return milliseconds(static_cast<std::int64_t>(steady_web_wall_clock()));
}

WatchId WebRuntime::watch(std::function<void(Hint)> callback) {
  return steady_web_watch(new HintCallback(std::move(callback)));
}

void WebRuntime::unwatch(WatchId watch) {
  delete static_cast<HintCallback*>(steady_web_unwatch(watch));
}

std::unique_ptr<Transport> WebRuntime::make_transport() { return make_transport_(observer_); }

}  // namespace web
}  // namespace steady

extern "C" EMSCRIPTEN_KEEPALIVE void steady_web_run(void* callback) {
  const std::unique_ptr<steady::web::Callback> run(static_cast<steady::web::Callback*>(callback));
  (*run)();
}

extern "C" EMSCRIPTEN_KEEPALIVE void steady_web_notice(void* callback, int hint) {
  // A copy: the callback may end its watch, which destroys the original.
  const steady::web::HintCallback notice = *static_cast<steady::web::HintCallback*>(callback);
  notice(static_cast<steady::Hint>(hint));
}
