#pragma once

#include <functional>
#include <optional>
#include <string>

#include "address.hpp"

namespace steady::native {

/// Returns the value of an environment variable, or null if it is not set.
using Environment = std::function<const char*(const char* name)>;

/// Returns the proxy URL that the environment specifies for `address`, or an empty string. Follows
/// curl's rules: see NativeOptions::proxy.
std::string proxy_from(const Environment& environment, const Address& address);

}  // namespace steady::native
