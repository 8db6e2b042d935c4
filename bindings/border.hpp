#pragma once

#include <cstddef>
#include <cstdint>

namespace steady::bindings {

/// Numbers that JavaScript and the kernel of the npm package exchange in memory: it writes the
/// first before an input, and reads the others after it.
enum class Border : std::uint8_t {
  now,            ///< Moment::now.
  random,         ///< Moment::random.
  buffered,       ///< Moment::buffered.
  has_heard,      ///< Moment::has_heard.
  argument,       ///< Of an event that comes from C++: `b` of `opened`, `d` of `closed`.
  commands,       ///< The address of the first command.
  command_count,  ///< How many there are. JavaScript makes it negative to see whether there was an
                  ///< input.
  deadline,       ///< Kernel::next_deadline().
};
inline constexpr std::size_t border_count = 8;

}  // namespace steady::bindings
