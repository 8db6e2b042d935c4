#pragma once

#include <span>

#include "../kernel/commands.hpp"
#include "../kernel/inputs.hpp"
#include "../kernel/settings.hpp"
#include "steady/close_rule.hpp"

namespace steady::detail {

/// What a kernel made of an input.
struct KernelResult {
  double answer = 0;
  /// Kernel::next_deadline(), afterwards.
  double deadline = -1;
  /// The commands that it added.
  std::span<const kernel::Command> commands = {};
};

/// Hears everything that goes into the kernel of a Socket, and what comes out of it: enough to
/// replay it. See Runtime::kernel_listener.
class KernelListener {
 public:
  /// A Socket was made.
  virtual void on_start(const kernel::Settings& settings, std::span<const CloseRule> rules) = 0;
  /// `is_nested`: commands of earlier inputs were not carried out yet.
  virtual void on_input(const kernel::Moment& moment, const kernel::Input& input, bool is_nested,
                        const KernelResult& result) = 0;

 protected:
  ~KernelListener() = default;
};

}  // namespace steady::detail
