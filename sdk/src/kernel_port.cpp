#include "kernel_port.hpp"

namespace steady::detail {

KernelPort::KernelPort(const kernel::Settings& settings, std::span<const CloseRule> rules,
                       KernelListener* listener)
    : kernel_(settings), listener_(listener) {
  for (const CloseRule& rule : rules) kernel_.add_close_rule(rule);
  if (listener_ != nullptr) listener_->on_start(settings, rules);
}

double KernelPort::give_recorded(const kernel::Moment& moment, const kernel::Input& input) {
  const kernel::Commands& commands = kernel_.commands();
  const std::size_t before = commands.size();
  const double answer = kernel_.input(moment, input);
  const std::span all(commands.data(), commands.size());
  listener_->on_input(moment, input, before > 0,
                      {answer, kernel_.next_deadline(), all.subspan(before)});
  return answer;
}

}  // namespace steady::detail
