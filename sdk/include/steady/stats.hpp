#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "steady/cpp20.hpp"

namespace steady {

/// Round-trip time of heartbeat pings, smoothed as in RFC 6298 2.
struct RoundTrip {
  /// Latest round trip.
  std::chrono::milliseconds last{0};
  /// Moving average, in which the latest round trip has a weight of 1/8 (SRTT).
  std::chrono::milliseconds smoothed{0};
  /// Moving average of the deviation from `smoothed`, with a weight of 1/4 (RTTVAR).
  std::chrono::milliseconds jitter{0};
};

/// Measurements of a Socket.
struct Stats {
  /// Round-trip time. No value before the first answer to a ping: see HeartbeatOptions.
  std::optional<RoundTrip> round_trip = {};
  /// Consecutive retries. Counted from 0 again once a connection has been open for
  /// ReconnectOptions::stable_after.
  std::uint32_t retries = 0;
  /// Received messages dropped so far because of InboundOverflow::drop_oldest.
  std::uint64_t inbound_dropped = 0;
};

}  // namespace steady
