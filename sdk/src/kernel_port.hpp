#pragma once

#include <cstddef>
#include <span>

#include "../kernel/kernel.hpp"
#include "kernel_listener.hpp"
#include "steady/close_rule.hpp"

namespace steady::detail {

/// A kernel and the commands that are still to be carried out.
class KernelPort {
 public:
  /// `listener` may be null, and must outlive it otherwise.
  KernelPort(const kernel::Settings& settings, std::span<const CloseRule> rules,
             KernelListener* listener);

  const kernel::Kernel& kernel() const { return kernel_; }
  const kernel::Kernel* operator->() const { return &kernel_; }

  /// Gives an input. What it commands is carried out by drain().
  double give(const kernel::Moment& moment, const kernel::Input& input) {
    return listener_ == nullptr ? kernel_.input(moment, input) : give_heard(moment, input);
  }

  /// Calls `carry_out` with each command that is to be carried out, in order. An input that it
  /// gives adds to them, and it may drain them itself. `go_on` gives InputKind::again. Stops once
  /// `is_gone`.
  template <class CarryOut, class GoOn>
  void drain(const bool& is_gone, const CarryOut& carry_out, const GoOn& go_on) {
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
        go_on();
      }
    } while (commands.size() > 0);
  }

 private:
  double give_heard(const kernel::Moment& moment, const kernel::Input& input);

  kernel::Kernel kernel_;
  KernelListener* const listener_;
  /// The command to be carried out next.
  std::size_t next_ = 0;
  /// The kernel goes on when all were.
  bool is_unfinished_ = false;
};

}  // namespace steady::detail
