#pragma once

#include <cstdint>

namespace steady {

/// Close codes this library itself uses (RFC 6455 7.4.1).
namespace close_code {
/// The purpose of the connection is fulfilled (RFC 6455 7.4.1).
inline constexpr std::uint16_t normal = 1000;
/// No code was in the close frame. Never sent.
inline constexpr std::uint16_t no_status = 1005;
/// No close frame came: a dropped connection, or one that never opened. Never sent.
inline constexpr std::uint16_t abnormal = 1006;
}  // namespace close_code

}  // namespace steady
