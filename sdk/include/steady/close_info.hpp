#pragma once

#include <cstdint>
#include <string>

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

/// How one connection, or one attempt to connect, ended.
struct CloseInfo {
  /// RFC 6455 7.4: 1005 without a code, 1006 without a close frame.
  std::uint16_t code = close_code::abnormal;
  /// The peer's words, or ours when no peer spoke ("no connection within the connect timeout").
  std::string reason = {};
  /// The close handshake was completed.
  bool was_clean = false;
  /// Another attempt follows. False means that the socket is now closed for good.
  bool will_retry = false;
};

}  // namespace steady
