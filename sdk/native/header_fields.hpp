#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "steady/header_field.hpp"

namespace steady::native {

/// Compares names of header fields, which are case-insensitive (RFC 7230 3.2).
bool is_same_field(std::string_view one, std::string_view other);

/// True if there are no control characters except tabs.
bool is_field_value(std::string_view text);

/// Checks the fields that a user adds to the handshake. Returns the error, or an empty string.
std::string fault_in_headers(const std::vector<HeaderField>& headers);

}  // namespace steady::native
