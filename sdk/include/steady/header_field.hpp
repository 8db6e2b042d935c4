#pragma once

#include <string>

namespace steady {

/// A header field of the handshake request (RFC 6455 4.1).
struct HeaderField {
  /// Field name: a token (RFC 7230 3.2). Host, Connection, Upgrade and Sec-WebSocket-* are set by
  /// the handshake and not allowed.
  std::string name = {};
  /// Field value. Must not contain control characters.
  std::string value = {};
};

}  // namespace steady
