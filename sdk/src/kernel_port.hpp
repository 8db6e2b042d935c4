#pragma once

#include <cstddef>
#include <span>

#include "../kernel/kernel.hpp"
#include "kernel_listener.hpp"
#include "steady/close_rule.hpp"

namespace steady::detail {

/// A kernel and its pending commands.
class KernelPort {
 public:
  /// `listener` may be null; otherwise it must outlive the KernelPort.
  KernelPort(const kernel::Settings& settings, std::span<const CloseRule> rules,
             KernelListener* listener);

  const kernel::Kernel& kernel() const { return kernel_; }
  const kernel::Kernel* operator->() const { return &kernel_; }

  /// Gives an input to the kernel and returns the result. drain() carries out the commands.
  double give(const kernel::Moment& moment, const kernel::Input& input) {
    return listener_ == nullptr ? kernel_.input(moment, input) : give_recorded(moment, input);
  }

  /// Calls `carry_out` with each pending command, in order. `carry_out` may give inputs, which add
  /// commands, and may call drain() itself. `resume` must give InputKind::again. Returns once
  /// `is_gone` is set.
  template <class CarryOut, class Resume>
  void drain(const bool& is_gone, const CarryOut& carry_out, const Resume& resume) {
    kernel::Commands& commands = kernel_.commands();
    do {
      while (!is_gone && next_ < commands.size()) {
        const kernel::Command command = commands.data()[next_++];
        if (command.kind == static_cast<double>(kernel::CommandKind::again)) {
          is_unfinished_ = true;
        } else {
          carry_out(command);
        }
      }
      if (is_gone) return;
      commands.clear();
      next_ = 0;
      if (is_unfinished_) {
        is_unfinished_ = false;
        resume();
      }
    } while (commands.size() > 0);
  }

 private:
  double give_recorded(const kernel::Moment& moment, const kernel::Input& input);

  kernel::Kernel kernel_;
  KernelListener* const listener_;
  /// Index of the next command to carry out.
  std::size_t next_ = 0;
  /// CommandKind::again was received: `resume` is called when all commands are carried out.
  bool is_unfinished_ = false;
};

}  // namespace steady::detail
