#pragma once

#include <cstdint>
#include <string>

#include "steady/close_code.hpp"

namespace steady {

/// The end of a connection or of an attempt.
struct CloseInfo {
  /// Close code (RFC 6455 7.4): 1005 if the close frame had none, 1006 if there was no close frame.
  std::uint16_t code = close_code::abnormal;
  /// Reason from the server's close frame, or this library's description if there was no close
  /// frame ("no connection within the connect timeout"). UTF-8; may be empty.
  std::string reason = {};
  /// True if the close handshake was completed.
  bool was_clean = false;
  /// True if a retry follows. False if the socket is now closed for good.
  bool will_retry = false;
};

}  // namespace steady
