#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "backoff.hpp"
#include "steady/close_info.hpp"
#include "steady/close_rule.hpp"
#include "steady/options.hpp"

namespace steady::detail {

/// The delay that a server asks for in the reason of a close: "retry-after=30", anywhere in it, in
/// whole seconds as HTTP's Retry-After (RFC 9110 10.2.3). At most a day.
std::optional<std::chrono::milliseconds> retry_after(std::string_view reason);

/// Decides what follows the end of a connection or of an attempt.
class ReconnectPolicy {
 public:
  explicit ReconnectPolicy(const ReconnectOptions& options)
      : options_(options), backoff_(options) {}

  /// Attempts are counted from zero again, and time from now.
  void reset(std::chrono::milliseconds now);

  /// What the rules say. `word`: what Options::decide says, which goes before them.
  CloseAction action_for(const CloseInfo& info, std::optional<CloseAction> word) const;

  struct Retry {
    std::chrono::milliseconds delay{0};
    /// The server asked for it: it is not to be shortened.
    bool is_asked_for = false;
  };
  /// When the next attempt is due; none if the attempts or the time are used up, then gave_up_why()
  /// says which. `random` is in [0, 1).
  std::optional<Retry> next(CloseAction action, const CloseInfo& info, bool was_stable,
                            std::chrono::milliseconds now, double random);
  const char* gave_up_why() const { return why_; }
  /// In a row.
  std::uint32_t retries() const { return backoff_.attempts(); }

 private:
  const ReconnectOptions& options_;
  Backoff backoff_;
  std::chrono::milliseconds since_{0};
  const char* why_ = "";
};

}  // namespace steady::detail
