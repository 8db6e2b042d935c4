#pragma once

#include <cstddef>
#include <cstdint>

namespace steady::bindings {

/// Indices of the numbers that JavaScript and the kernel of the npm package exchange in memory.
/// JavaScript writes the Moment before an input, and reads commands and deadline after it.
enum class Border : std::uint8_t {
  now,            ///< Moment::now.
  random,         ///< Moment::random.
  buffered,       ///< Moment::buffered.
  has_heard,      ///< Moment::has_heard.
  received,       ///< Moment::received.
  argument,       ///< For inputs that C++ creates from events: `b` of `opened`, `d` of `closed`.
  commands,       ///< Address of the first command.
  command_count,  ///< Number of commands. JavaScript sets it to a negative number to detect whether
                  ///< there was an input.
  deadline,       ///< Kernel::next_deadline().
  receipt_due,    ///< Kernel::receipt_due().
};
inline constexpr std::size_t border_count = 10;

}  // namespace steady::bindings
