#pragma once

#include <cstdint>

namespace steady::detail {

/// What has become of the bytes in the platform's buffer since they were last looked at.
enum class Flow : std::uint8_t {
  empty,   ///< There are none.
  moving,  ///< Some have left.
  stuck,   ///< None has left.
};

}  // namespace steady::detail
