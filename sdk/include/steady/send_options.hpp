#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace steady {

/// Which of the messages that wait goes first. Those of one priority keep their order.
enum class Priority : std::uint8_t { normal, high };

/// What becomes of a message whose reply has not come when its connection ends.
enum class Unanswered : std::uint8_t {
  report,  ///< It is given up: DropReason::unanswered. None is sent twice.
  repeat,  ///< It goes first on the next connection: the server may get it twice.
};

/// What one message wants of the queue.
struct SendOptions {
  /// Not sent when it is older: DropReason::expired. 0 is now or never; none is no limit.
  std::optional<std::chrono::milliseconds> ttl = {};
  /// A newer message with the same key takes the place of one that waits, and its priority:
  /// DropReason::replaced. "" is no key.
  std::string_view key = {};
  /// Which of the messages that wait it is among.
  Priority priority = Priority::normal;
  /// Sent now or not at all: DropReason::not_now.
  bool is_volatile = false;
  /// Sent on the present connection or not at all: DropReason::connection_ended.
  bool connection_only = false;
  /// What becomes of it in the end is told by Socket::on_outcome.
  bool track = false;
  /// A reply is expected: the message is kept until Socket::answered(). If it is dropped, or given
  /// up without a reply, that is told by Socket::on_outcome.
  std::optional<Unanswered> reply = {};
};

}  // namespace steady
