#pragma once

#include <string>
#include <string_view>

namespace steady::detail {

/// Returns the text with *** for the user, the password and all values of the query of each URL in
/// it: tokens are often there.
std::string masked(std::string_view text);

}  // namespace steady::detail
