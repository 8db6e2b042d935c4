#pragma once

#include <cstdint>
#include <deque>

#include "protocol.hpp"

namespace game {

/// Where one is oneself, without waiting for the server to say so: from its last word on, by what
/// one has asked for since. Times are those of the server's clock, when an input gets there.
class Prediction {
 public:
  /// An input that arrives at `time`.
  void steer(const Input& input, double time);
  /// The server's word.
  void reconcile(const PlayerState& me, double time);
  /// Begins anew with the next word.
  void reset();

  bool is_known() const { return is_known_; }
  /// Where one will be at `time`, without the corrections that are still to be made.
  Point at(double time) const;
  /// The same to be shown: where the server's word was another, what is shown moves there within a
  /// few frames and does not jump. To be asked with times that do not go back.
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
  /// What the server may not have had yet.
  std::deque<Sent> sent_;
  double shown_at_ = 0;
  /// What is shown is so far from what is predicted.
  Direction error_;
};

}  // namespace game
