#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "steady/error.hpp"
#include "steady/socket.hpp"

namespace steady::detail {

/// Returns true for a non-empty name or a JSON Pointer (RFC 6901 3).
bool is_routing_member(std::string_view member);

/// Validates URL and subprotocols: see Options.
Error validate_request(std::string_view url, const std::vector<std::string>& subprotocols);

}  // namespace steady::detail
