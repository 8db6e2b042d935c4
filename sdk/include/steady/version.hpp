#pragma once

#include <string_view>

#include "steady/cpp20.hpp"

// Set by `npm version` (scripts/version.mjs). Before 1.0, a minor version may break programs.

/// Major number of the library's version, for `#if`.
#define STEADYSOCKET_VERSION_MAJOR 0
/// Minor number of the library's version, for `#if`.
#define STEADYSOCKET_VERSION_MINOR 1
/// Patch number of the library's version, for `#if`.
#define STEADYSOCKET_VERSION_PATCH 0
/// Version of the library, MAJOR.MINOR.PATCH, as a string literal.
#define STEADYSOCKET_VERSION "0.1.0"

namespace steady {

/// Version of the library whose headers are included, MAJOR.MINOR.PATCH.
inline constexpr std::string_view version = STEADYSOCKET_VERSION;

}  // namespace steady
