#include "server_clock.hpp"

#include <algorithm>
#include <cmath>

namespace game {

void ServerClock::hear(double sent, double heard, double time) {
  // What the server sends back may be anything.
  if (!std::isfinite(sent) || !std::isfinite(time) || sent > heard) return;
  samples_[count_ % kept] = {heard - sent, time - (sent + heard) / 2};
  ++count_;
}

std::optional<double> ServerClock::at(double local) const {
  if (count_ == 0) return {};
  return local + quickest().offset;
}

const ServerClock::Sample& ServerClock::quickest() const {
  const auto end = samples_.begin() + static_cast<std::ptrdiff_t>(std::min(count_, kept));
  return *std::min_element(samples_.begin(), end, [](const Sample& a, const Sample& b) {
    return a.round_trip < b.round_trip;
  });
}

std::optional<double> ServerClock::round_trip() const {
  if (count_ == 0) return {};
  return samples_[(count_ - 1) % kept].round_trip;
}

}  // namespace game
