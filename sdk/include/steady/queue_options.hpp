#pragma once

#include <cstddef>
#include <cstdint>

#include "steady/cpp20.hpp"

namespace steady {

/// Action when the queue has no room for a message.
enum class Overflow : std::uint8_t {
  reject,       ///< The message is rejected.
  drop_oldest,  ///< It is queued; the oldest queued messages are dropped, normal priority first.
  drop_newest,  ///< The message is dropped.
};

/// Action for messages that were still in the platform's send buffer when their connection ended.
/// Only the server can confirm delivery of these. In a session (Options::session): for those that
/// it has not acknowledged when the session ends.
enum class Unconfirmed : std::uint8_t {
  report,   ///< They are dropped with DropReason::unconfirmed. None is sent twice. For the payloads
            ///< that are kept, see Drop::payload.
  requeue,  ///< They are sent first on the next connection. A copy of each is kept until it has
            ///< left the buffer. None is lost; a message may arrive twice.
};

/// Limits of the send queue, and the actions for messages that cannot be queued or confirmed.
struct QueueOptions {
  /// Maximum number of queued messages. 0 or more. Default: 1000.
  std::size_t max_messages = 1'000;
  /// Maximum sum of their payloads, in bytes. A larger message is sent if the connection can take
  /// it at once. 0 or more. Default: 16 MiB.
  std::size_t max_bytes = std::size_t{16} << 20;
  /// Action when a message exceeds these limits. Default: reject.
  Overflow overflow = Overflow::reject;
  /// Action for messages that were in the platform's send buffer when a connection ended.
  /// Default: report.
  Unconfirmed unconfirmed = Unconfirmed::report;
};

}  // namespace steady
