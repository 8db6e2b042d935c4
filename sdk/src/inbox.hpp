#pragma once

#include "steady/error.hpp"
#include "steady/transport.hpp"

namespace steady::detail {

/// Takes received messages. The Socket makes one when somebody first subscribes, so that a program
/// whose messages are read elsewhere (in JavaScript, say) does not carry the code of it.
class Inbox {
 public:
  virtual ~Inbox() = default;
  /// Reads the message if somebody wants it, and calls the handlers. They may do anything, except
  /// destroying the inbox. A message larger than `max_bytes` is not read.
  /// Errors: message_too_large, out_of_memory; no handler was called.
  virtual Error receive(Inbound& message, std::size_t max_bytes) = 0;
  /// Nobody wants anything any more.
  virtual void clear() = 0;
};

}  // namespace steady::detail
