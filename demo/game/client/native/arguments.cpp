#include "native/arguments.hpp"

#include <algorithm>
#include <charconv>

namespace game {

std::optional<Arguments> Arguments::read(int argc, char* argv[],
                                         const std::vector<std::string_view>& with_value,
                                         const std::vector<std::string_view>& switches,
                                         std::size_t positions) {
  const auto has = [](const std::vector<std::string_view>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (has(switches, argument)) {
      arguments.options_.emplace_back(argument, is_set);
    } else if (has(with_value, argument)) {
      if (++i == argc) return {};
      arguments.options_.emplace_back(argument, argv[i]);
    } else if (argument.starts_with("--") || arguments.positions_.size() == positions) {
      return {};
    } else {
      arguments.positions_.emplace_back(argument);
    }
  }
  return arguments;
}

std::optional<std::string> Arguments::position(std::size_t index) const {
  if (index >= positions_.size()) return {};
  return positions_[index];
}

std::optional<std::string> Arguments::option(std::string_view name) const {
  for (const auto& [known, value] : options_) {
    if (known == name) return value;
  }
  return {};
}

bool Arguments::number(std::string_view name, int from, int to, std::optional<int>& out) const {
  const auto text = option(name);
  if (!text) return true;
  int value = 0;
  const char* const end = text->data() + text->size();
  const auto [rest, error] = std::from_chars(text->data(), end, value);
  if (error != std::errc() || rest != end || value < from || value > to) return false;
  out = value;
  return true;
}

}  // namespace game
