// Socket::Impl: frames of a connection with a session, see SessionFrames.
#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>

#include "socket_impl.hpp"

namespace steady {

using kernel::InputKind;

bool Socket::Impl::on_session_message(Generation attempt, detail::SessionInbound& message) {
  const Hold self(*this);
  if (message.is_control()) {
    on_control(attempt, message.control());
    return false;
  }
  if (input_at({}, {InputKind::message, static_cast<double>(attempt)}) == 0) return false;
  deliver();
  if (!receives(attempt)) return false;
  const std::optional<double> number = session_.take_message();
  if (!number) return false;
  if (*number < 0) {
    input({InputKind::control, static_cast<double>(attempt)});
    deliver();
    return false;
  }
  const bool is_counted = *number > 0;
  if (receiver_.is_reading()) {
    is_handling_frame_ = is_counted;
    const bool is_taken =
        receiver_.receive(attempt, message, is_counted ? *number : session_.taken() + 0.5);
    is_handling_frame_ = false;
    if (is_gone_) return true;
    if (!is_taken && is_counted) session_.give_back_message();
  }
  if (is_counted) {
    session_.add_bytes(message.most_bytes());
    count_handled();
  }
  return true;
}

void Socket::Impl::on_control(Generation attempt, std::string_view frame) {
  const auto control = session_.read(frame, attempt);
  if (!control) return;
  if (control->b == 'X')
    texts_.session_reason = frame.substr(std::min<std::size_t>(frame.size(), 3));
  const bool is_other_epoch = control->b == 'W' && control->c == 0;
  if (is_other_epoch) receiver_.begin_numbers();
  input(*control);
  texts_.session_reason.clear();
  session_.carried_out(*control, kernel_->is_open(attempt));
  deliver();
}

/// Called when messages of the session were handled, or will not be.
void Socket::Impl::count_handled() {
  if (!options_.session) return;
  session_.set_received(receiver_.handled(session_.taken()));
  if (!session_.has_news()) return;
  const bool has_many_bytes = session_.has_many_bytes();
  if (has_many_bytes || session_.received() >= kernel_->receipt_due()) {
    input({InputKind::received, has_many_bytes ? 1.0 : 0.0});
  }
}

void Socket::Impl::send_control(std::string_view frame) {
  if (Transport* const transport = platform_.transport()) detail::send_control(*transport, frame);
}

}  // namespace steady
