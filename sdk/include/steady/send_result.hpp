#pragma once

#include <cstdint>

#include "steady/drop_reason.hpp"
#include "steady/payload.hpp"

namespace steady {

/// What became of a message given to Socket::send.
enum class SendStatus : std::uint8_t {
  sent,      ///< Handed to the platform's WebSocket.
  queued,    ///< Waits for the connection, or for the platform's buffer to drain.
  dropped,   ///< Not sent, as asked for: see SendResult::reason. An on_drop event follows.
  rejected,  ///< Not taken: see SendResult::reason. An on_drop event follows.
};

/// The answer of Socket::send.
struct SendResult {
  /// What became of it.
  SendStatus status = SendStatus::rejected;
  /// Why it was dropped or rejected; DropReason::none otherwise.
  DropReason reason = DropReason::none;
  /// Names a message that is queued, tracked or expects a reply; the same number is in the Drop or
  /// the Outcome that may follow. 0 for others.
  std::uint32_t id = 0;
};

/// A message that will not be sent, told once.
struct Drop {
  /// SendResult::id.
  std::uint32_t id = 0;
  /// Why it will not be sent.
  DropReason reason = DropReason::none;
  /// The message. With DropReason::unconfirmed, text or bytes that Socket::send was given as a view
  /// are there only if they were wanted when it was sent: Socket::on_drop had a handler,
  /// QueueOptions::unconfirmed is requeue, or SendOptions::reply is repeat. Otherwise only its kind
  /// and size are known.
  Payload payload = {};
};

/// The end of a message that is tracked or expects a reply: see SendOptions. Told once.
struct Outcome {
  /// SendResult::id.
  std::uint32_t id = 0;
  /// DropReason::none: it has left this machine, as far as the platform tells. Otherwise it was
  /// dropped for this reason.
  DropReason reason = DropReason::none;
};

/// The enumerator's name, such as "queued".
const char* to_string(SendStatus status);
/// The enumerator's name, such as "queue_full".
const char* to_string(DropReason reason);

}  // namespace steady
