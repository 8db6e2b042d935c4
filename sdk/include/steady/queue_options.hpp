#pragma once

#include <cstddef>
#include <cstdint>

namespace steady {

/// What happens to a message that the queue has no room for.
enum class Overflow : std::uint8_t {
  reject,       ///< It is rejected.
  drop_oldest,  ///< It is taken, and the oldest that wait are dropped for it, normal ones first.
  drop_newest,  ///< It is dropped.
};

/// What happens to messages that the platform still had when their connection ended. Only the
/// server can tell whether they have arrived.
enum class Unconfirmed : std::uint8_t {
  report,  ///< They are dropped with DropReason::unconfirmed. None is sent twice. Their payloads
           ///< are kept only if they were owned, or somebody listened for drops: see Drop::payload.
  requeue,  ///< They go first on the next connection, so a copy of each is kept until it has left.
            ///< None is lost; one may arrive twice.
};

/// How much may wait, and what becomes of what may not.
struct QueueOptions {
  /// Most messages that wait.
  std::size_t max_messages = 1'000;
  /// Sum of the payloads, in bytes.
  std::size_t max_bytes = std::size_t{16} << 20;
  /// What becomes of a message for which there is no room.
  Overflow overflow = Overflow::reject;
  /// What becomes of messages that the platform still had when a connection ended.
  Unconfirmed unconfirmed = Unconfirmed::report;
};

}  // namespace steady
