#include "step_log.hpp"

#include <algorithm>

namespace steady::native {

namespace {

/// Maximum size of a step, in bytes.
constexpr std::size_t max_bytes = 1'024;

}  // namespace

std::string StepLog::printable(const std::string& text) {
  std::string line = text.substr(0, max_bytes);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  if (text.size() > max_bytes) line += "...";
  return line;
}

}  // namespace steady::native
