#pragma once

#include <cstdint>

namespace steady {

/// Why a message will not be sent.
enum class DropReason : std::uint8_t {
  none,
  queue_full,  ///< QueueOptions::max_messages or max_bytes is reached: see Overflow.
  closed,      ///< The socket is closed, or was closed while the message waited.
  refused,     ///< Text that is not valid UTF-8, or the platform's WebSocket would not take it.
  expired,     ///< It is older than SendOptions::ttl.
  replaced,    ///< A newer message with the same SendOptions::key has its place.
  cancelled,   ///< Socket::cancel().
  not_now,     ///< SendOptions::is_volatile, and it would have had to wait.
  connection_ended,  ///< SendOptions::connection_only, and there is no connection, or not the same
                     ///< one.
  unconfirmed,  ///< It was handed to the platform, which still had it when the connection ended.
                ///< It may have arrived: see QueueOptions::unconfirmed.
  unanswered,   ///< It was sent, and its connection ended before a reply: SendOptions::reply.
                ///< Told as an Outcome only.
};

}  // namespace steady
