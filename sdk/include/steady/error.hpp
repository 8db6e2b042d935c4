#pragma once

#include <string>

#include "steady/error_code.hpp"

namespace steady {

/// An error with a text for people. Tests as true when there is one.
struct Error {
  /// The value to branch on.
  ErrorCode code = ErrorCode::none;
  /// A sentence for people. Empty if there is no error.
  std::string message;

  /// There is an error.
  explicit operator bool() const { return code != ErrorCode::none; }
};

/// The enumerator's name, such as "invalid_url".
const char* to_string(ErrorCode code);

}  // namespace steady
