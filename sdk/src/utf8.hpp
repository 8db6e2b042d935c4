#pragma once

#include <string_view>

namespace steady::detail {

/// Returns true for well-formed UTF-8 (RFC 3629 4): no surrogates and no overlong forms.
bool is_utf8(std::string_view text);

}  // namespace steady::detail
