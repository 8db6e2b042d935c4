#pragma once

#include <cstdint>

#include "steady/cpp20.hpp"

namespace steady {

/// Reason why a message will not be sent.
enum class DropReason : std::uint8_t {
  none,              ///< Not dropped.
  queue_full,        ///< QueueOptions::max_messages or max_bytes was reached: see Overflow.
  closed,            ///< The socket is closed, or was closed while the message was queued.
  refused,           ///< Text that is not valid UTF-8, or the platform's WebSocket rejected it.
  expired,           ///< It became older than SendOptions::ttl.
  replaced,          ///< A newer message with the same SendOptions::key took its place. Reported
                     ///< for tracked messages only.
  cancelled,         ///< Socket::cancel() was called.
  not_now,           ///< SendOptions::is_volatile is set, and it could not be sent at once.
  connection_ended,  ///< SendOptions::connection_only is set, and its connection has ended, or
                     ///< there was none.
  unconfirmed,  ///< It was in the platform's send buffer when the connection ended. It may have
                ///< arrived: see QueueOptions::unconfirmed.
  unanswered,   ///< Its connection ended before the reply: see SendOptions::reply. Reported as an
                ///< Outcome only.
};

}  // namespace steady
