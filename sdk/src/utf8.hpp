#pragma once

#include <string>
#include <string_view>

namespace steady::detail {

/// Returns true for well-formed UTF-8 (RFC 3629 4): no surrogates and no overlong forms.
bool is_utf8(std::string_view text);

/// Returns the beginning of a string for a description: at most 100 bytes, no broken character, and
/// an ellipsis if it was cut.
std::string beginning_of(std::string_view text);

}  // namespace steady::detail
