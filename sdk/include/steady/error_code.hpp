#pragma once

#include <cstdint>

#include "steady/cpp20.hpp"

namespace steady {

/// Error codes: stable values to branch on.
enum class ErrorCode : std::uint8_t {
  none,                  ///< No error.
  invalid_option,        ///< A member of Options is out of range.
  invalid_url,           ///< The URL cannot be parsed, or is not ws: or wss:.
  invalid_subprotocol,   ///< Not an RFC 7230 token, or a duplicate (RFC 6455 4.1).
  invalid_close_code,    ///< Neither 1000 nor 3000-4999 (HTML standard, WebSocket.close).
  invalid_close_reason,  ///< Longer than 123 bytes of UTF-8 (RFC 6455 5.5).
  invalid_state,         ///< The socket is closing or closed.
  not_supported,         ///< The platform has no WebSocket, or cannot set Options::headers.
  blocked,               ///< The platform forbids this connection: mixed content, port, policy.
  connection_failed,     ///< The platform reported an error. Browsers give no details.
  connect_timeout,       ///< No connection within Options::connect_timeout.
  message_too_large,     ///< A received message is larger than Options::max_message_bytes.
  out_of_memory,         ///< There is no memory for a received message. It was not copied.
  malformed_message,     ///< A received message cannot be decoded: it is not JSON, for example.
  heartbeat_timeout,     ///< No answer within HeartbeatOptions::timeout.
  provider_failed,       ///< Options::provider has failed: see ConnectReply::fail.
  greeting_failed,       ///< Options::greet has failed, or was not ready in time.
  gave_up,               ///< ReconnectOptions::max_attempts or max_elapsed is exhausted.
  fatal_close,           ///< A close rule or ReconnectOptions::decide has ended the socket.
  inbound_overflow,      ///< Received messages exceeded the limits of InboundOptions.
  session_unsupported,   ///< SessionOptions::required is set, and the server has no sessions.
  session_failed,        ///< The server has violated the session protocol, or does not answer.
  session_lost,          ///< The session ended before everything was delivered.
};

}  // namespace steady
