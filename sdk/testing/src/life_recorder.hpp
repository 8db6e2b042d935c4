#pragma once

#include <span>
#include <vector>

#include "../../src/kernel_listener.hpp"
#include "steady/testing/life_log.hpp"

namespace steady::testing {

/// Content of a LifeLog.
class LifeLog::Recorder final : public detail::KernelListener {
 public:
  void on_start(const kernel::Settings& settings, std::span<const CloseRule> rules) override;
  void on_input(const kernel::Moment& moment, const kernel::Input& input, bool is_nested,
                const detail::KernelResult& result) override;

  struct Entry {
    kernel::Moment moment;
    kernel::Input input;
    bool is_nested = false;
    double answer = 0;
    double deadline = -1;
    /// Number of commands that the input added to `commands`.
    std::size_t commands = 0;
  };

  kernel::Settings settings;
  std::vector<CloseRule> rules;
  std::vector<Entry> entries;
  /// Commands of all entries, in order.
  std::vector<kernel::Command> commands;
};

}  // namespace steady::testing
