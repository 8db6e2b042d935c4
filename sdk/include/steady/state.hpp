#pragma once

#include <cstdint>

#include "steady/cpp20.hpp"

namespace steady {

/// State of a Socket.
enum class State : std::uint8_t {
  idle,        ///< No attempt was made yet: see Start::on_connect.
  connecting,  ///< An attempt is in progress.
  open,        ///< A connection is open.
  waiting,     ///< The next attempt is scheduled: see Socket::retry_in.
  suspended,   ///< suspend() was called, or the platform reports that there is no network; see also
               ///< Start::suspended.
  closing,     ///< close() was called; the flush or the close handshake is in progress.
  closed,      ///< Closed for good, unless Socket::reconnect() is called.
};

/// Returns the enumerator's name, such as "waiting".
const char* to_string(State state);

}  // namespace steady
