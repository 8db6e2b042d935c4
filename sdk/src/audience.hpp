#pragma once

#include "steady/socket.hpp"

namespace steady::detail {

/// Those who have subscribed to a Socket's events. The Socket makes one when somebody first does,
/// so that a program which hears it in another way (SocketListener) does not carry the code of it.
class Audience : public SocketListener {
 public:
  virtual ~Audience() = default;
  /// Nobody wants to hear anything any more. May be called while an event is being told.
  virtual void clear() = 0;
};

}  // namespace steady::detail
