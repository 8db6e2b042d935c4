#pragma once

#include <cstdint>

#include "settings.hpp"

namespace steady::kernel {

/// Progress of the bytes in the platform's buffer since the last look.
enum class Flow : std::uint8_t {
  empty,   ///< There are none.
  moving,  ///< Some have left.
  stuck,   ///< None has left.
};

/// Round-trip time of pings in milliseconds (RFC 6298).
struct RoundTrip {
  /// Negative before the first answer, as are the others.
  double last = -1;
  double smoothed = -1;
  double jitter = -1;
};

/// Decides when to ping a connection, and when it is dead. It looks now and then whether anything
/// has arrived, so that no clock is read for a message.
class Heartbeat {
 public:
  enum class Verdict : std::uint8_t {
    wait,
    ping,
    silent,  ///< Dead: no answer.
    stuck,   ///< Dead: nothing leaves any more.
  };

  /// A connection is open. `settings` must outlive it.
  Heartbeat(const Settings& settings, double now);

  /// Call it at due(). `heard`: a message that may be an answer has arrived since the last look.
  /// `flow`: progress of the sent bytes.
  Verdict look(double now, bool heard, Flow flow);
  /// Time of the next look. A late one means that the machine slept, or the page was hidden.
  double due() const { return due_; }
  /// Pings now, unless a ping is out: returns false then.
  bool probe(double now);

  /// A ping is out.
  bool awaits_answer() const { return pinged_at_ >= 0; }
  /// The answer has arrived. Returns the time since the ping.
  double answered(double now);

 private:
  Verdict ping(double now);
  void rest(double now);
  double next_look() const;

  const Settings& settings_;
  double due_ = 0;
  int silent_looks_ = 0;
  /// Negative if no ping is out.
  double pinged_at_ = -1;
  bool pinged_again_ = false;
  /// The first look since when nothing has left the platform's buffer; negative if something has.
  double stuck_since_ = -1;
};

/// Adds a sample to the measurements.
void add_sample(RoundTrip& round_trip, double sample);

}  // namespace steady::kernel
