#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "flow.hpp"
#include "steady/options.hpp"
#include "steady/stats.hpp"

namespace steady::detail {

/// Says when a connection is to be pinged, and when it is dead. It looks now and then whether
/// anything has come: no clock is read for a message.
class Heartbeat {
 public:
  enum class Verdict : std::uint8_t {
    wait,
    ping,
    silent,  ///< Dead: no answer.
    stuck,   ///< Dead: nothing leaves any more.
  };

  explicit Heartbeat(const HeartbeatOptions& options)
      : interval_(options.interval), timeout_(options.timeout) {}

  /// A connection is up.
  void begin(std::chrono::milliseconds now);
  /// To be called after next_look(). `heard`: something has come since the last look, or since
  /// begin, that may be an answer. `flow`: what has become since of what was sent.
  Verdict look(std::chrono::milliseconds now, bool heard, Flow flow);
  std::chrono::milliseconds next_look() const;
  /// Asks now. False if a ping is out already; otherwise one is to be sent.
  bool probe(std::chrono::milliseconds now);

  /// A ping is out.
  bool awaits_answer() const { return pinged_at_.has_value(); }
  /// The answer has come.
  void answered(std::chrono::milliseconds now);
  const std::optional<RoundTrip>& round_trip() const { return round_trip_; }

 private:
  Verdict ping(std::chrono::milliseconds now);
  void rest(std::chrono::milliseconds now);

  std::chrono::milliseconds interval_;
  std::chrono::milliseconds timeout_;
  /// When the next look is due. One that is late was asleep, or in a hidden page.
  std::chrono::milliseconds due_{0};
  int silent_looks_ = 0;
  std::optional<std::chrono::milliseconds> pinged_at_;
  bool pinged_again_ = false;
  /// The first look since when nothing has left the platform's buffer.
  std::optional<std::chrono::milliseconds> stuck_since_;
  std::optional<RoundTrip> round_trip_;
};

}  // namespace steady::detail
