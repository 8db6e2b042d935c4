#pragma once

#include <string>

#include "steady/cpp20.hpp"

namespace steady::web {

/// Returns the string that JavaScript passed to SteadyWeb.leaveText (steady_web.js) just before.
std::string take_text();

}  // namespace steady::web
