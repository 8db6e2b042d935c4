#pragma once

#include "message.hpp"

namespace steady::kernel {

/// Decides when received frames of a session are acknowledged (docs/design/session-protocol.md). A
/// shell counts them, and asks when due() is reached. While frames arrive, the timer runs and is
/// not started for each of them.
class Receipts {
 public:
  /// Milliseconds between the first frame that is not acknowledged and its acknowledgement.
  static constexpr double delay = 250;
  /// Frames that are acknowledged at once.
  static constexpr double max_frames = 64;

  /// Number of the last frame that was handled.
  double received() const { return received_; }
  /// The shell has handled frames up to this number.
  void receive(double number) { received_ = number; }
  /// They were acknowledged.
  void acknowledged() { acknowledged_ = received_; }
  /// Another epoch, or another connection, whose hello has this number.
  void begin(double number) {
    received_ = acknowledged_ = number;
    is_timed_ = false;
  }

  /// Number of the frame after which the shell asks.
  double due() const { return acknowledged_ + (is_timed_ ? max_frames : 1); }
  /// The shell asks. True to acknowledge now; the timer has to run in any case. `has_many_bytes`:
  /// there are too many to wait.
  bool ask(bool has_many_bytes) {
    is_timed_ = true;
    return has_many_bytes || received_ - acknowledged_ >= max_frames;
  }
  /// The timer is due. True to acknowledge and to start it again.
  bool is_overdue() { return is_timed_ = received_ > acknowledged_; }

 private:
  double received_ = 0;
  double acknowledged_ = 0;
  bool is_timed_ = false;
};

}  // namespace steady::kernel
