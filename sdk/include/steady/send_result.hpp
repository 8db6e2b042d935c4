#pragma once

#include <cstdint>

#include "steady/payload.hpp"

namespace steady {

/// What became of a message given to Socket::send.
enum class SendStatus : std::uint8_t {
  sent,      ///< Handed to the platform's WebSocket.
  queued,    ///< Waits for the connection, or for the platform's buffer to drain.
  rejected,  ///< Not taken: see SendResult::reason. An on_drop event follows.
};

/// Why a message will not be sent.
enum class DropReason : std::uint8_t {
  none,
  queue_full,  ///< QueueOptions::max_messages or max_bytes is reached.
  closed,      ///< The socket is closed, or was closed while the message waited.
  refused,     ///< The platform's WebSocket would not take it.
};

/// The answer of Socket::send.
struct SendResult {
  SendStatus status = SendStatus::rejected;
  /// Why it was rejected; DropReason::none otherwise.
  DropReason reason = DropReason::none;
  /// Names a queued message; the same number is in the Drop that may follow. 0 if not queued.
  std::uint32_t id = 0;
};

/// A message that will never be sent, told once.
struct Drop {
  /// SendResult::id, or 0 if the message was rejected at once.
  std::uint32_t id = 0;
  DropReason reason = DropReason::none;
  Payload payload = {};
};

/// The enumerator's name, such as "queued".
const char* to_string(SendStatus status);
/// The enumerator's name, such as "queue_full".
const char* to_string(DropReason reason);

}  // namespace steady
