#pragma once

#include <cstdint>

namespace steady {

/// What a platform notices of the network and of the program. Any of it may be wrong.
enum class Hint : std::uint8_t {
  online,   ///< There is a network again.
  offline,  ///< There is none.
  wake,     ///< The program comes back: a page is visible again, or was taken out of a cache.
};

}  // namespace steady
