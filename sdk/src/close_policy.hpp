#pragma once

#include <cstdint>

namespace steady::detail {

/// True if reconnecting after this close code would be refused again.
/// Codes: RFC 6455 7.4 and the IANA WebSocket Close Code Number Registry.
///
///   1002 protocol error, 1003 unsupported data, 1007 invalid payload data, 1008 policy violation,
///   1009 message too big, 1010 mandatory extension: the peer judged what this client sends.
///   4000-4999 private use: the application's own word.
///
/// Everything else is retried: 1000 and 1001 (the server ends this connection, not the service),
/// 1005 and 1006 (no code at all), 1011-1015 (the server's or the network's trouble), 3000-3999.
constexpr bool is_fatal(std::uint16_t code) {
  switch (code) {
    case 1002:
    case 1003:
    case 1007:
    case 1008:
    case 1009:
    case 1010:
      return true;
    default:
      return code >= 4000 && code <= 4999;
  }
}

}  // namespace steady::detail
