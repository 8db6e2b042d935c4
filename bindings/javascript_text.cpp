// In the place of the core's utf8.cpp, 0.3 KB gzip: every text of the package comes from a
// JavaScript string, and TextEncoder writes nothing but well-formed UTF-8.
#include "../sdk/src/utf8.hpp"

namespace steady::detail {

bool is_utf8(std::string_view) { return true; }

}  // namespace steady::detail
