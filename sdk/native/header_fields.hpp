#pragma once

#include <string_view>

namespace steady::native {

/// Names of header fields have no case (RFC 7230 3.2).
bool is_same_field(std::string_view one, std::string_view other);

}  // namespace steady::native
