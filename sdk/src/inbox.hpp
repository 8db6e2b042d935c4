#pragma once

#include <cstddef>
#include <cstdint>

#include "steady/error.hpp"
#include "steady/transport.hpp"

namespace steady::detail {

/// What one received text is.
enum class Framing : std::uint8_t {
  single,   ///< A message.
  batched,  ///< A message, or a JSON array of messages.
};

/// Takes received messages. The Socket makes one when somebody first subscribes, so that a program
/// whose messages are read elsewhere (in JavaScript, say) does not carry the code of it.
class Inbox {
 public:
  virtual ~Inbox() = default;
  /// Reads what has arrived, if somebody wants it and only as far as that takes.
  /// Errors: message_too_large, out_of_memory; there is nothing to dispatch then.
  virtual Error take(Inbound& inbound, std::size_t max_bytes, Framing framing) = 0;
  /// Calls the handlers of the next message in it. They may do anything, except destroying the
  /// inbox. False when there is no other message; then `error` may say that the rest is malformed.
  virtual bool dispatch_next(Error& error) = 0;
  /// Gives back what the message took. Whatever is left of it is not dispatched.
  virtual void finish() = 0;
  /// Nobody wants anything any more.
  virtual void clear() = 0;
};

}  // namespace steady::detail
