#pragma once

#include <string_view>

namespace steady::detail {

/// Returns the delay that a server requests in a close reason, in milliseconds: "retry-after=30"
/// anywhere in the reason, in whole seconds, like HTTP's Retry-After (RFC 9110 10.2.3). At most one
/// day; -1 without a request.
double retry_after(std::string_view reason);

}  // namespace steady::detail
