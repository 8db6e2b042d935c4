#pragma once

#include <cstdint>
#include <deque>

#include "protocol.hpp"

namespace game {

/// The own position without waiting for the server: its last known position, advanced by the inputs
/// sent since. Times are those of the server's clock when an input arrives there.
class Prediction {
 public:
  /// An input that arrives at `time`.
  void steer(const Input& input, double time);
  /// Sets the position that the server has sent.
  void reconcile(const PlayerState& me, double time);
  /// Restarts with the next position of the server.
  void reset();

  bool is_known() const { return is_known_; }
  /// Returns the position at `time`, without pending corrections.
  Point at(double time) const;
  /// Returns the position to show: a correction by the server is applied over a few frames, without
  /// a jump. Call it with increasing times.
  Point show(double time);

 private:
  struct Sent {
    Input input;
    double time = 0;
  };

  bool is_known_ = false;
  Point at_;
  double time_ = 0;
  Direction direction_;
  /// The inputs that the server has not confirmed.
  std::deque<Sent> sent_;
  double shown_at_ = 0;
  /// The distance between the shown and the predicted position.
  Direction error_;
};

}  // namespace game
