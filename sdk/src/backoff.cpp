#include "backoff.hpp"

#include <algorithm>

namespace steady::detail {

std::chrono::milliseconds Backoff::next(double random) {
  const auto max = static_cast<double>(options_.max_delay.count());
  ceiling_ = ceiling_ < 0 ? static_cast<double>(options_.initial_delay.count())
                          : std::min(max, ceiling_ * options_.factor);
  ++attempts_;
  return std::chrono::milliseconds(static_cast<std::int64_t>(ceiling_ * random));
}

void Backoff::reset() {
  attempts_ = 0;
  ceiling_ = -1;
}

}  // namespace steady::detail
