#pragma once

#include <chrono>
#include <cstdint>

#include "steady/options.hpp"

namespace steady::detail {

/// The delay before the next attempt: exponential with full jitter.
class Backoff {
 public:
  /// `options` must outlive it.
  explicit Backoff(const ReconnectOptions& options) : options_(options) {}

  explicit Backoff(ReconnectOptions&&) = delete;

  /// Attempts made since the last stable connection.
  std::uint32_t attempts() const { return attempts_; }
  /// True while another attempt is allowed.
  bool may_retry() const { return attempts_ < options_.max_attempts; }
  /// Draws the next delay and counts the attempt. `random` is in [0, 1).
  std::chrono::milliseconds next(double random);
  /// A connection was stable.
  void reset();

 private:
  const ReconnectOptions& options_;
  std::uint32_t attempts_ = 0;
  double ceiling_ = -1;
};

}  // namespace steady::detail
