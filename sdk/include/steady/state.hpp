#pragma once

#include <cstdint>

namespace steady {

/// Where a Socket is in its life.
enum class State : std::uint8_t {
  idle,        ///< Not started yet.
  connecting,  ///< An attempt is under way.
  open,        ///< Connected.
  waiting,     ///< The next attempt is scheduled: see Socket::retry_in.
  suspended,   ///< Told to wait, or the platform says that there is no network.
  closing,     ///< close() was called; the close handshake is under way.
  closed,      ///< The end, unless Socket::reconnect() is called. Nothing more happens.
};

/// The enumerator's name, such as "waiting".
const char* to_string(State state);

}  // namespace steady
