#pragma once

#include "steady/error.hpp"
#include "steady/socket.hpp"

namespace steady::detail {

/// A name, or a JSON Pointer (RFC 6901 3).
bool is_routing_member(std::string_view member);

/// The same as of Options.
Error validate_request(const ConnectDetails& details);

/// HTML standard, WebSocket.close; RFC 6455 5.5 for the length.
Error validate_close(const CloseOptions& options);

}  // namespace steady::detail
