#pragma once

#include <array>
#include <cstddef>
#include <optional>

namespace game {

/// What the server's clock shows, in milliseconds. Estimated from pings: the answer was written
/// somewhere between sending and hearing, in the middle as far as one can know. So the quickest of
/// the last answers says it best; one that waited on its way tells less.
class ServerClock {
 public:
  /// `sent` and `heard` by the own clock, `time` by the server's.
  void hear(double sent, double heard, double time);
  /// Nothing is known any more: another connection may lead to another clock.
  void reset() { count_ = 0; }

  /// What it shows at a moment of the own clock; nothing before a ping was answered.
  std::optional<double> at(double local) const;
  /// Of the newest answer.
  std::optional<double> round_trip() const;
  /// The least of the last answers; 0 before there is one.
  double quickest_round_trip() const { return count_ == 0 ? 0 : quickest().round_trip; }

 private:
  struct Sample {
    double round_trip = 0;
    double offset = 0;
  };

  static constexpr std::size_t kept = 8;

  const Sample& quickest() const;

  std::array<Sample, kept> samples_;
  std::size_t count_ = 0;
};

}  // namespace game
