#pragma once

#include <string>

namespace steady::web {

/// The text that JavaScript has just left with SteadyWeb.leaveText (steady_web.js).
std::string take_text();

}  // namespace steady::web
