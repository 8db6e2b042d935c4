#pragma once

#include <cstddef>

#include "arithmetic.hpp"
#include "settings.hpp"

namespace steady::kernel {

/// Limits the bytes in the platform's buffer: up to the high-water mark, then nothing before the
/// low-water mark. The amount in its buffer falls by itself only, so it is read again when what was
/// added since could have reached a mark, and every 64 KB, since what it may still have is
/// remembered.
class Backpressure {
 public:
  /// `settings` must outlive it.
  explicit Backpressure(const Settings& settings)
      : settings_(settings), next_reading_(smaller(settings.high_water_mark, step)) {}

  /// The platform's buffer has `amount` bytes.
  void read(double amount) {
    const double low = settings_.low_water_mark < 0 ? whole(settings_.high_water_mark / 2)
                                                    : settings_.low_water_mark;
    is_choked_ = is_choked_ ? amount > low : amount >= settings_.high_water_mark;
    unread_ = amount;
    holds_some_ = amount > 0;
    next_reading_ = smaller(settings_.high_water_mark, amount + step);
    // The amount does not include what is left of a credit.
    has_credit_ = false;
  }
  /// The platform was given a message.
  void add(double size) {
    unread_ += size;
    has_credit_ = false;
  }
  /// The amount has to be read before another message.
  bool needs_reading() const { return is_choked_ || unread_ >= next_reading_; }
  void read_soon() { next_reading_ = 0; }
  /// The mark was reached, and the low one not since.
  bool is_choked() const { return is_choked_; }

  /// All that may be sent before the next reading.
  double take_credit() {
    has_credit_ = true;
    const double credit = next_reading_ - unread_;
    // The next reading shows how much of it was used.
    unread_ = next_reading_;
    return credit;
  }
  void end_credit() { has_credit_ = false; }
  /// Some of the credit may be left.
  bool has_credit() const { return has_credit_; }

  /// Only another reading shows which bytes have left.
  bool is_waiting() const { return holds_some_ || (unread_ >= next_reading_ && !has_credit_); }

 private:
  static constexpr double step = 65'536;

  const Settings& settings_;
  bool is_choked_ = false;
  bool has_credit_ = false;
  bool holds_some_ = false;
  double unread_ = 0;
  double next_reading_;
};

}  // namespace steady::kernel
