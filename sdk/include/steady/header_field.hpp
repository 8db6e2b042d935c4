#pragma once

#include <string>

namespace steady {

/// A field of the HTTP request that opens a connection.
struct HeaderField {
  /// A token (RFC 7230 3.2). Not one that the handshake itself has: Host, Connection, Upgrade,
  /// Sec-WebSocket-….
  std::string name = {};
  /// No control characters.
  std::string value = {};
};

}  // namespace steady
