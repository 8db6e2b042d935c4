#pragma once

#include <functional>
#include <optional>
#include <string>

#include "address.hpp"

namespace steady::native {

/// The value of a variable of the environment; null without one.
using Environment = std::function<const char*(const char* name)>;

/// The URL of the proxy that the environment names for `address`; empty if there is none. As curl
/// reads it: see NativeOptions::proxy.
std::string proxy_from(const Environment& environment, const Address& address);

}  // namespace steady::native
