#pragma once

#include <string_view>

namespace steady::bindings {

/// Version of the package: a facade only works with bindings of its own version. Set by
/// `npm version`.
inline constexpr std::string_view version = "0.1.0";

}  // namespace steady::bindings
