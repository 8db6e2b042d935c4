#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "steady/header_field.hpp"

namespace steady::native {

/// Names of header fields have no case (RFC 7230 3.2).
bool is_same_field(std::string_view one, std::string_view other);

/// No control characters.
bool is_field_value(std::string_view text);

/// What is wrong with fields that a user wants in the handshake; empty if nothing is.
std::string fault_in_headers(const std::vector<HeaderField>& headers);

}  // namespace steady::native
