#pragma once

#include <string_view>

namespace steady::bindings {

/// Of the package: a facade only works with bindings of its own version. Keep in step with
/// package.json.
inline constexpr std::string_view version = "0.1.0";

}  // namespace steady::bindings
