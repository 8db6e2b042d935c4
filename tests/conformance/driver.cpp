#include "driver.hpp"

namespace conformance {

namespace {
constexpr auto patience = 20s;
}

bool World::frame(Scenario& scenario) {
  // A handler may destroy the polled socket.
  for (steady::Socket* socket : std::vector(polled_)) {
    if (std::find(polled_.begin(), polled_.end(), socket) != polled_.end()) socket->poll();
  }
  const auto now = std::chrono::steady_clock::now();
  if (waits_for_ != nullptr && !waits_for_->condition()) {
    if (now - waits_since_ < patience) return false;
    faults_.push_back(std::string("timed out waiting until ") + waits_for_->what);
    return true;
  }
  waits_for_ = nullptr;
  waits_since_ = now;
  scenario.resume();
  return scenario.done();
}

}  // namespace conformance
