#pragma once

#include <cstdint>

namespace steady {

/// Where a Socket is in its life.
enum class State : std::uint8_t {
  idle,        ///< Not started yet.
  connecting,  ///< An attempt is under way.
  open,        ///< Connected.
  waiting,     ///< The next attempt is scheduled: see Socket::retry_in.
  closing,     ///< close() was called; the close handshake is under way.
  closed,      ///< Final. What was still to be told is told; nothing more happens.
};

/// The enumerator's name, such as "waiting".
const char* to_string(State state);

}  // namespace steady
