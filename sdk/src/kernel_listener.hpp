#pragma once

#include <span>

#include "../kernel/commands.hpp"
#include "../kernel/inputs.hpp"
#include "../kernel/settings.hpp"
#include "steady/close_rule.hpp"

namespace steady::detail {

/// Result of an input to a kernel.
struct KernelResult {
  double answer = 0;
  /// Kernel::next_deadline() after the input.
  double deadline = -1;
  /// Commands that the input added.
  std::span<const kernel::Command> commands = {};
};

/// Listener of all inputs and results of a Socket's kernel, from which they can be replayed: see
/// Runtime::kernel_listener.
class KernelListener {
 public:
  /// A Socket was created.
  virtual void on_start(const kernel::Settings& settings, std::span<const CloseRule> rules) = 0;
  /// `is_nested`: commands of earlier inputs are still pending.
  virtual void on_input(const kernel::Moment& moment, const kernel::Input& input, bool is_nested,
                        const KernelResult& result) = 0;

 protected:
  ~KernelListener() = default;
};

}  // namespace steady::detail
