#pragma once

#include <cstdint>
#include <optional>

#include "commands.hpp"
#include "settings.hpp"
#include "steady/close_rule.hpp"
#include "texts.hpp"

namespace steady::kernel {

/// Decides whether and when another attempt follows the end of a connection or of an attempt.
class ReconnectPolicy {
 public:
  /// `settings` must outlive it.
  explicit ReconnectPolicy(const Settings& settings) : settings_(settings) {}
  ReconnectPolicy(const ReconnectPolicy&) = delete;
  ReconnectPolicy& operator=(const ReconnectPolicy&) = delete;
  ~ReconnectPolicy();

  /// Adds a row. The first row that has a close code decides; the default table comes last.
  void add_rule(const CloseRule& rule);

  /// Counts attempts from zero again, and the time from `now`.
  void reset(double now);

  /// Decision after the end of a connection or an attempt.
  struct Verdict {
    CloseAction action = CloseAction::fatal;
    DecidedBy by = DecidedBy::nobody;
    /// If it was a rule.
    std::uint16_t first = 0;
    std::uint16_t last = 0;
  };
  /// Applies the table. A server that asks for a delay, 0 or more, wants the client back. Before a
  /// default rule ends the socket because the server rejects the client's credentials, one attempt
  /// with fresh values of the provider, or of the greeting, is made.
  Verdict judge(std::uint16_t code, double asked_delay);

  struct Retry {
    double delay = 0;
    /// The server asked for it, so nothing may shorten it.
    bool is_asked_for = false;
  };
  /// The next attempt; none if the attempts or the time are used up: see reason(). The delay of
  /// CloseAction::at_once is 0 after a connection that `was_stable`. `random` is in [0, 1).
  std::optional<Retry> next(CloseAction action, double asked_delay, bool was_stable, double now,
                            double random);
  /// Reason for which next() returned no value.
  TextId reason() const { return may_retry() ? TextId::time_used_up : TextId::attempts_used_up; }

  /// Attempts in a row.
  std::uint32_t retries() const { return retries_; }

 private:
  /// Of the user's table.
  struct Row {
    CloseRule rule;
    Row* next;
  };

  bool asks_afresh(std::uint16_t code);
  bool may_retry() const { return retries_ < settings_.reconnect_max_attempts; }
  double grow();

  const Settings& settings_;
  Row* rows_ = nullptr;
  Row** end_ = &rows_;
  std::uint32_t retries_ = 0;
  /// The upper end of the last delay; negative before the first.
  double ceiling_ = -1;
  double since_ = 0;
  /// The attempt with fresh answers was made.
  bool has_asked_afresh_ = false;
};

}  // namespace steady::kernel
