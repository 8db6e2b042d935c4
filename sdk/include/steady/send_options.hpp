#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace steady {

/// Which of the messages that wait goes first. Those of one priority keep their order.
enum class Priority : std::uint8_t { normal, high };

/// What one message wants of the queue.
struct SendOptions {
  /// Not sent when it is older: DropReason::expired. 0 is now or never; none is no limit.
  std::optional<std::chrono::milliseconds> ttl = {};
  /// A newer message with the same key takes the place of one that waits, and its priority:
  /// DropReason::replaced. "" is no key.
  std::string_view key = {};
  Priority priority = Priority::normal;
  /// Sent now or not at all: DropReason::not_now.
  bool is_volatile = false;
  /// Sent on the present connection or not at all: DropReason::session_ended.
  bool session_only = false;
  /// What becomes of it in the end is told by Socket::on_outcome.
  bool track = false;
};

}  // namespace steady
