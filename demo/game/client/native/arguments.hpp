#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace game {

/// The arguments of a program: positions, and options with a value behind them.
class Arguments {
 public:
  /// Values of options that are switches: `--name` alone.
  static constexpr std::string_view is_set = "set";

  /// Returns nothing if an option is not one of `with_value` or `switches`, lacks its value, or if
  /// there are more than `positions` others.
  static std::optional<Arguments> read(int argc, char* argv[],
                                       const std::vector<std::string_view>& with_value,
                                       const std::vector<std::string_view>& switches,
                                       std::size_t positions);

  /// Empty if it is missing.
  std::optional<std::string> position(std::size_t index) const;
  std::optional<std::string> option(std::string_view name) const;
  /// Empty if it is missing. Returns false if it is no whole number in this range.
  bool number(std::string_view name, int from, int to, std::optional<int>& out) const;

 private:
  std::vector<std::string> positions_;
  std::vector<std::pair<std::string, std::string>> options_;
};

}  // namespace game
