#pragma once

#include <cstdint>
#include <string>

#include "steady/close_code.hpp"

namespace steady {

/// How one connection, or one attempt to connect, ended.
struct CloseInfo {
  /// RFC 6455 7.4: 1005 without a code, 1006 without a close frame.
  std::uint16_t code = close_code::abnormal;
  /// The peer's words, or ours when no peer spoke ("no connection within the connect timeout").
  std::string reason = {};
  /// The close handshake was completed.
  bool was_clean = false;
  /// Another attempt follows. False means that the socket is now closed for good.
  bool will_retry = false;
};

}  // namespace steady
