#pragma once

#include <string_view>

namespace steady::bindings {

/// Version of the package. The TypeScript facade requires bindings of the same version. Set by
/// `npm version`.
inline constexpr std::string_view version = "0.1.0";

}  // namespace steady::bindings
