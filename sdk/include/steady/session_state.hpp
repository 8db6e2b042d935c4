#pragma once

#include <cstdint>

#include "steady/cpp20.hpp"

namespace steady {

/// State of a session (docs/design/session-protocol.md).
enum class SessionState : std::uint8_t {
  new_,         ///< It has begun.
  resumed,      ///< It continues on this connection. Nothing was lost.
  lost,         ///< The server does not know it any more, or SessionOptions::ttl is over. Messages
                ///< that were not acknowledged are dropped or sent again: see
                ///< QueueOptions::unconfirmed. Another session begins.
  ended,        ///< The server, or Socket::close(), has ended it.
  unsupported,  ///< The server does not support sessions: this connection has none.
};

/// Returns the name, such as "resumed".
const char* to_string(SessionState value);

}  // namespace steady
