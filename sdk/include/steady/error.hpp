#pragma once

#include <string>

#include "steady/error_code.hpp"

namespace steady {

/// An error code with a description. Converts to true if there is an error.
struct Error {
  /// Stable value to branch on.
  ErrorCode code = ErrorCode::none;
  /// Description for logs. Empty if there is no error.
  std::string message;

  /// True if there is an error.
  explicit operator bool() const { return code != ErrorCode::none; }
};

/// Returns the enumerator's name, such as "invalid_url".
const char* to_string(ErrorCode code);

}  // namespace steady
