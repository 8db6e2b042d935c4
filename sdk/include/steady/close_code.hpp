#pragma once

#include <cstdint>

#include "steady/cpp20.hpp"

namespace steady {

/// Close codes that this library uses (RFC 6455 7.4.1).
namespace close_code {
/// Normal closure: the purpose of the connection is fulfilled.
inline constexpr std::uint16_t normal = 1000;
/// The close frame had no code. Never sent.
inline constexpr std::uint16_t no_status = 1005;
/// No close frame was received: the connection was lost, or never opened. Never sent.
inline constexpr std::uint16_t abnormal = 1006;
}  // namespace close_code

}  // namespace steady
