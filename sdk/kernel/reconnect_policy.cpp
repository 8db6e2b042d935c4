#include "reconnect_policy.hpp"

#include <algorithm>
#include <array>
#include <utility>

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

/// Policy violation, unauthorized, forbidden: other credentials may help.
constexpr std::array<std::uint16_t, 5> codes_of_credentials{1008, 3000, 3003, 4401, 4403};

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
  has_asked_afresh_ = false;
}

ReconnectPolicy::Verdict ReconnectPolicy::judge(std::uint16_t code, double asked_delay) {
  for (const Row* row = rows_; row != nullptr; row = row->next) {
    const CloseRule& rule = row->rule;
    if (has_code(rule, code)) return {rule.action, DecidedBy::rule, rule.first, rule.last};
  }
  if (asked_delay >= 0) return {CloseAction::later, DecidedBy::server};
  for (const CloseRule& rule : default_rules) {
    if (!has_code(rule, code)) continue;
    if (asks_afresh(code)) {
      return {CloseAction::retry, DecidedBy::fresh_answers, rule.first, rule.last};
    }
    return {rule.action, DecidedBy::default_rule, rule.first, rule.last};
  }
  return {CloseAction::retry, DecidedBy::default_rule};
}

/// True once, until attempts are counted from zero again.
bool ReconnectPolicy::asks_afresh(std::uint16_t code) {
  const auto& codes = codes_of_credentials;
  if (settings_.asks_provider == 0 && settings_.greets == 0) return false;
  if (std::find(codes.begin(), codes.end(), code) == codes.end()) return false;
  return !std::exchange(has_asked_afresh_, true);
}

/// Exponential backoff. The first delay is drawn from 0 on, since the server may be available soon.
/// Later ones are drawn from a third of their upper bound on, which costs the server fewer attempts
/// while it is away. Counts an attempt, and returns the lower bound of its delay.
double ReconnectPolicy::grow() {
  ++retries_;
  if (ceiling_ < 0) {
    ceiling_ = settings_.reconnect_initial_delay;
    return 0;
  }
  ceiling_ = smaller(settings_.reconnect_max_delay, ceiling_ * settings_.reconnect_factor);
  return ceiling_ / 3;
}

std::optional<ReconnectPolicy::Retry> ReconnectPolicy::next(CloseAction action, double asked_delay,
                                                            bool was_stable, double now,
                                                            double random) {
  if (!may_retry()) return {};
  const double floor = grow();
  Retry retry{whole(floor + (ceiling_ - floor) * random)};
  if (asked_delay >= 0) {
    // All clients get the same delay from the server: this spreads them.
    retry = {asked_delay + whole(ceiling_ * random), true};
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
