#pragma once

#include <string>

#include "steady/cpp20.hpp"

namespace steady {

/// A header field of a handshake request or of the response (RFC 6455 4).
struct HeaderField {
  /// Field name: a token (RFC 7230 3.2). In a request Host, Connection, Upgrade and
  /// Sec-WebSocket-* are set by the handshake and not allowed.
  std::string name = {};
  /// Field value. Must not contain control characters in a request.
  std::string value = {};
};

}  // namespace steady
