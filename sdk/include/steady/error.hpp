#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "steady/error_code.hpp"
#include "steady/header_field.hpp"

namespace steady {

/// Response to the handshake request of a connection (RFC 6455 4.2.2).
struct HandshakeResponse {
  /// HTTP status code, such as 401.
  std::uint16_t status = 0;
  /// Header fields in the order in which they were received, except that fields of the same name
  /// follow the first of them.
  std::vector<HeaderField> headers = {};
};

/// An error code with a description. Converts to true if there is an error.
struct Error {
  /// Stable value to branch on.
  ErrorCode code = ErrorCode::none;
  /// Description for logs. Empty if there is no error.
  std::string message = {};
  /// With ErrorCode::connection_failed, the response of a server that refused the handshake. Null
  /// for other errors, and on the web, where browsers do not show it to programs.
  std::shared_ptr<const HandshakeResponse> response = {};

  /// True if there is an error.
  explicit operator bool() const { return code != ErrorCode::none; }
};

/// Returns the enumerator's name, such as "invalid_url".
const char* to_string(ErrorCode code);

}  // namespace steady
