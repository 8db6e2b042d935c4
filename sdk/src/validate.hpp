#pragma once

#include "steady/error.hpp"
#include "steady/socket.hpp"

namespace steady::detail {

/// RFC 6455 3: ws: or wss:, a host, no fragment; no character that would have to be escaped.
Error validate_url(std::string_view url);

/// RFC 6455 4.1: tokens, none twice.
Error validate_subprotocols(const std::vector<std::string>& subprotocols);

/// A name, or a JSON Pointer (RFC 6901 3).
bool is_routing_member(std::string_view member);

/// HTML standard, WebSocket.close; RFC 6455 5.5 for the length.
Error validate_close(const CloseOptions& options);

}  // namespace steady::detail
