#pragma once

#include <cstdint>

namespace steady::bindings {

/// Events of a shared socket for JavaScript, in addition to those of kernel::CommandKind.
enum class SharedEvent : std::uint8_t {
  refusal = 100,  ///< The error message of the current call.
  gone = 101,     ///< The program destroys its socket.
};

}  // namespace steady::bindings
