#pragma once

#include <cstdint>

namespace steady {

/// What went wrong, as a stable value to branch on.
enum class ErrorCode : std::uint8_t {
  none,                  ///< Nothing.
  invalid_option,        ///< A member of Options is out of its range.
  invalid_url,           ///< The URL does not parse, or is not ws: or wss:.
  invalid_subprotocol,   ///< Not an RFC 7230 token, or given twice (RFC 6455 4.1).
  invalid_close_code,    ///< Not 1000 and not 3000-4999 (HTML standard, WebSocket.close).
  invalid_close_reason,  ///< Longer than 123 bytes of UTF-8 (RFC 6455 5.5).
  invalid_state,         ///< The socket is closed for good.
  not_supported,         ///< The platform has no WebSocket.
  blocked,               ///< The platform refuses this connection: mixed content, port, policy.
  connection_failed,     ///< The platform reported an error. Browsers give no detail.
  connect_timeout,       ///< No connection within Options::connect_timeout.
  message_too_large,     ///< A received message is larger than Options::max_message_bytes.
  out_of_memory,         ///< A received message does not fit in memory. It was not copied.
  malformed_message,     ///< A received message is not what its readers asked for: not JSON, say.
  heartbeat_timeout,     ///< No answer within HeartbeatOptions::timeout.
  provider_failed,       ///< Options::provider had nothing to connect with.
  greeting_failed,       ///< Options::greet has failed, or did not end in time.
  gave_up,               ///< ReconnectOptions::max_attempts or max_elapsed is used up.
  inbound_overflow,      ///< More was received than may wait for Socket::poll(): InboundOptions.
};

}  // namespace steady
