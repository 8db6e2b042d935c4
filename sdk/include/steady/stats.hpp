#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace steady {

/// How long a server takes to answer a ping, as RFC 6298 2 averages it.
struct RoundTrip {
  /// The newest one.
  std::chrono::milliseconds last{0};
  /// An average: the newest counts for an eighth.
  std::chrono::milliseconds smoothed{0};
  /// The average distance from it: the newest counts for a quarter.
  std::chrono::milliseconds jitter{0};
};

/// What a Socket has measured.
struct Stats {
  /// None before a ping was answered: see HeartbeatOptions.
  std::optional<RoundTrip> round_trip = {};
  /// Retries in a row; from 0 again after a connection was up for ReconnectOptions::stable_after.
  std::uint32_t retries = 0;
  /// Received messages that were dropped so far for newer ones: InboundOverflow::drop_oldest.
  std::uint64_t inbound_dropped = 0;
};

}  // namespace steady
