#pragma once

#include <string_view>

namespace steady::detail {

/// The delay that a server asks for in the reason of a close, in milliseconds: "retry-after=30",
/// anywhere in it, in whole seconds as HTTP's Retry-After (RFC 9110 10.2.3). At most a day; -1 if
/// it asks for none.
double retry_after(std::string_view reason);

}  // namespace steady::detail
