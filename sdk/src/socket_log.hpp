#pragma once

#include <cstdint>
#include <memory>

#include "../kernel/commands.hpp"
#include "steady/close_rule.hpp"
#include "steady/payload.hpp"
#include "steady/socket.hpp"
#include "steady/transport.hpp"

namespace steady::detail {

/// The log of a socket, as the socket knows it: see Log. A listener of the socket's events, which
/// passes them on to the next.
class SocketLog : public SocketListener {
 public:
  virtual ~SocketLog() = default;
  /// The socket was created.
  virtual void created() = 0;
  /// Returns a transport that logs what passes through it.
  virtual std::unique_ptr<Transport> wrap(std::unique_ptr<Transport> transport) = 0;
  /// A message was queued.
  virtual void queued(const Payload& payload) = 0;
  /// See CommandKind::verdict.
  virtual void decided(kernel::DecidedBy by, CloseAction action, std::uint32_t rule) = 0;
  /// Sets the listener of the socket's events.
  virtual void set_next(SocketListener& listener) = 0;
};

}  // namespace steady::detail
