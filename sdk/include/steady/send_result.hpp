#pragma once

#include <cstdint>

#include "steady/drop_reason.hpp"
#include "steady/payload.hpp"

namespace steady {

/// Status of a message passed to Socket::send.
enum class SendStatus : std::uint8_t {
  sent,      ///< Passed to the platform's WebSocket.
  queued,    ///< Waits for a connection, or for the platform's send buffer to drain.
  dropped,   ///< Not sent because of an option: see SendResult::reason. on_drop follows.
  rejected,  ///< Not accepted: see SendResult::reason. on_drop follows.
};

/// Return value of Socket::send.
struct SendResult {
  /// Status of the message.
  SendStatus status = SendStatus::rejected;
  /// Reason of `dropped` and `rejected`; DropReason::none otherwise.
  DropReason reason = DropReason::none;
  /// Identifies a message that is queued, tracked or expects a reply, also in the Drop or the
  /// Outcome that may follow. 0 for other messages.
  std::uint32_t id = 0;
};

/// A message that will not be sent. Reported once.
struct Drop {
  /// SendResult::id.
  std::uint32_t id = 0;
  /// Reason of the drop.
  DropReason reason = DropReason::none;
  /// The message. With DropReason::unconfirmed, the data of a message that was passed to
  /// Socket::send as a view is present only if a copy was made when it was sent: if Socket::on_drop
  /// had a handler, QueueOptions::unconfirmed is requeue, SendOptions::reply is repeat, or in a
  /// session.
  /// Otherwise only kind() and size() are valid.
  Payload payload = {};
};

/// Result of a message that is tracked or expects a reply: see SendOptions. Reported once.
struct Outcome {
  /// SendResult::id.
  std::uint32_t id = 0;
  /// DropReason::none if the message has left the platform's send buffer, or was delivered;
  /// otherwise the reason of the drop.
  DropReason reason = DropReason::none;
  /// True if the server of a session has confirmed that it has handled the message. Without a
  /// session always false.
  bool is_delivered = false;
};

/// Returns the enumerator's name, such as "queued".
const char* to_string(SendStatus status);
/// Returns the enumerator's name, such as "queue_full".
const char* to_string(DropReason reason);

}  // namespace steady
