#pragma once

#include <string_view>

namespace steady::detail {

/// True for well-formed UTF-8 (RFC 3629 4): no surrogates, nothing longer than need be.
bool is_utf8(std::string_view text);

}  // namespace steady::detail
