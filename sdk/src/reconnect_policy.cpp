#include "reconnect_policy.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>

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

const CloseRule* find_rule(std::span<const CloseRule> rules, std::uint16_t code) {
  for (const CloseRule& rule : rules) {
    if (rule.first <= code && code <= rule.last) return &rule;
  }
  return nullptr;
}

}  // namespace

std::span<const CloseRule> default_close_rules() { return default_rules; }

namespace detail {

using std::chrono::milliseconds;

std::optional<milliseconds> retry_after(std::string_view reason) {
  constexpr std::string_view name = "retry-after=";
  constexpr std::int32_t day = 24 * 60 * 60;
  while (!reason.starts_with(name)) {
    if (reason.empty()) return {};
    reason.remove_prefix(1);
  }
  std::int32_t seconds = -1;
  for (const char c : reason.substr(name.size())) {
    if (c < '0' || c > '9') break;
    seconds = std::min(std::max(seconds, 0) * 10 + (c - '0'), day);
  }
  if (seconds < 0) return {};
  return std::chrono::seconds(seconds);
}

void ReconnectPolicy::reset(milliseconds now) {
  backoff_.reset();
  since_ = now;
}

CloseAction ReconnectPolicy::action_for(const CloseInfo& info,
                                        std::optional<CloseAction> word) const {
  if (word) return *word;
  if (const CloseRule* rule = find_rule(options_.rules, info.code)) return rule->action;
  // A server that says when to come back wants us back.
  if (retry_after(info.reason)) return CloseAction::later;
  if (const CloseRule* rule = find_rule(default_rules, info.code)) return rule->action;
  return CloseAction::retry;
}

std::optional<ReconnectPolicy::Retry> ReconnectPolicy::next(CloseAction action,
                                                            const CloseInfo& info, bool was_stable,
                                                            milliseconds now, double random) {
  if (!backoff_.may_retry()) {
    why_ = "the maximum number of attempts is used up";
    return {};
  }
  const milliseconds usual = backoff_.next(random);
  Retry retry{usual, false};
  if (const auto asked = retry_after(info.reason)) {
    // Everybody is told the same: the usual delay on top spreads them.
    retry = {*asked + usual, true};
  } else if (action == CloseAction::later) {
    const auto spread = static_cast<double>((options_.later_max - options_.later_min).count());
    retry = {options_.later_min + milliseconds(static_cast<std::int64_t>(spread * random)), true};
  } else if (action == CloseAction::at_once && was_stable) {
    retry.delay = milliseconds::zero();
  }
  if (options_.max_elapsed && now + retry.delay - since_ > *options_.max_elapsed) {
    why_ = "the maximum time for attempts is used up";
    return {};
  }
  return retry;
}

}  // namespace detail
}  // namespace steady
