#include "retry_after.hpp"

#include <algorithm>
#include <cstdint>

namespace steady::detail {

double retry_after(std::string_view reason) {
  constexpr std::string_view name = "retry-after=";
  constexpr std::int32_t day = 24 * 60 * 60;
  const std::size_t found = reason.find(name);
  if (found == std::string_view::npos) return -1;
  std::int32_t seconds = -1;
  for (const char c : reason.substr(found + name.size())) {
    if (c < '0' || c > '9') break;
    seconds = std::min(std::max(seconds, 0) * 10 + (c - '0'), day);
  }
  return seconds < 0 ? -1 : seconds * 1'000.0;
}

}  // namespace steady::detail
