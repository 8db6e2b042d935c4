#pragma once

#include <cstdint>

namespace steady::bindings {

/// What JavaScript is told of a shared socket, beside the events of kernel::CommandKind.
enum class SharedEvent : std::uint8_t {
  refusal = 100,  ///< What is wrong with the call that is being answered.
  gone = 101,     ///< The program destroys its socket.
};

}  // namespace steady::bindings
