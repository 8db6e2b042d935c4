#pragma once

#include <cstdint>

#include "steady/cpp20.hpp"

namespace steady {

/// Hints of the platform about the network and the program. Any of them may be wrong.
enum class Hint : std::uint8_t {
  online,   ///< The network is back.
  offline,  ///< There is no network.
  wake,     ///< The program resumes: a page became visible, or was restored from a cache.
};

}  // namespace steady
