#include "reconnect_policy.hpp"

#include <array>

#include "arithmetic.hpp"

namespace steady {

namespace {

constexpr std::array<CloseRule, 6> default_rules{{
    {1002, 1003, CloseAction::fatal},
    {1007, 1010, CloseAction::fatal},
    {1012, 1013, CloseAction::later},
    {3000, 3000, CloseAction::fatal},
    {3003, 3003, CloseAction::fatal},
    {4000, 4999, CloseAction::fatal},
}};

bool has_code(const CloseRule& rule, std::uint16_t code) {
  return rule.first <= code && code <= rule.last;
}

}  // namespace

std::span<const CloseRule> default_close_rules() { return default_rules; }

namespace kernel {

ReconnectPolicy::~ReconnectPolicy() {
  while (Row* const row = rows_) {
    rows_ = row->next;
    delete row;
  }
}

void ReconnectPolicy::add_rule(const CloseRule& rule) {
  Row* const row = new Row{rule, nullptr};
  *end_ = row;
  end_ = &row->next;
}

void ReconnectPolicy::reset(double now) {
  retries_ = 0;
  ceiling_ = -1;
  since_ = now;
}

CloseAction ReconnectPolicy::action_for(std::uint16_t code, double asked_delay) const {
  for (const Row* row = rows_; row != nullptr; row = row->next) {
    if (has_code(row->rule, code)) return row->rule.action;
  }
  if (asked_delay >= 0) return CloseAction::later;
  for (const CloseRule& rule : default_rules) {
    if (has_code(rule, code)) return rule.action;
  }
  return CloseAction::retry;
}

/// Exponential backoff with full jitter. Counts an attempt.
double ReconnectPolicy::back_off(double random) {
  ceiling_ = ceiling_ < 0
                 ? settings_.reconnect_initial_delay
                 : smaller(settings_.reconnect_max_delay, ceiling_ * settings_.reconnect_factor);
  ++retries_;
  return whole(ceiling_ * random);
}

std::optional<ReconnectPolicy::Retry> ReconnectPolicy::next(CloseAction action, double asked_delay,
                                                            bool was_stable, double now,
                                                            double random) {
  if (!may_retry()) return {};
  Retry retry{back_off(random)};
  if (asked_delay >= 0) {
    // All clients get the same delay from the server; the usual one on top spreads them.
    retry = {asked_delay + retry.delay, true};
  } else if (action == CloseAction::later) {
    const double spread = settings_.reconnect_later_max - settings_.reconnect_later_min;
    retry = {settings_.reconnect_later_min + whole(spread * random), true};
  } else if (action == CloseAction::at_once && was_stable) {
    retry.delay = 0;
  }
  if (now + retry.delay - since_ > settings_.reconnect_max_elapsed) return {};
  return retry;
}

}  // namespace kernel
}  // namespace steady
