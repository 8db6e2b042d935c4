// The session of an outbox: numbered messages, and what becomes of them.
#include "outbox.hpp"

namespace steady::kernel {

void Outbox::number() {
  wire_->is_numbered = true;
  receipts_.begin(receipts_.received());
}

void Outbox::hold() {
  wire_->is_held = true;
  wire_->is_numbered = false;
}

void Outbox::end_session(bool may_repeat, double handled) {
  session_.has_begun = session_.is_known = false;
  ++session_.count;
  const bool is_exact = handled >= 0;
  if (is_exact) session_.acknowledge(handled);
  MessageList unacknowledged = session_.take_unacknowledged();
  MessageList unanswered = session_.take_unanswered();
  for (Message* m = unacknowledged.first(); m != nullptr; m = m->next) {
    m->number = 0;
    m->remove(joined);
  }
  if (may_repeat) {
    repeat(unacknowledged, is_exact);
    repeat(unanswered);
  }
  give_up(unacknowledged, unanswered);
}

/// One frame, which may have several messages.
void Outbox::resend_frame() {
  bool continues = false;
  bool is_batch = false;
  do {
    Message* const message = session_.take_unsent();
    const Message* const next = session_.unsent();
    continues = next != nullptr && next->number == message->number;
    is_batch = is_batch || continues || may_batch(message->flags);
    wire_->pressure.add(message->size);
    transmit(message, (continues ? frame_continues : 0U) | (is_batch ? in_batch : 0U));
  } while (continues);
}

void Outbox::control(char letter, double first, double second) {
  if (!wire_) return;
  // About as long as it can be: it counts as a part of the platform's buffer.
  constexpr double size = 32;
  wire_->ledger.count(size);
  Command& command = context_.commands.add(CommandKind::control, static_cast<unsigned char>(letter));
  command.b = first;
  command.c = second;
}

void Outbox::acknowledge() {
  receipts_.acknowledged();
  control('A', receipts_.received());
}

}  // namespace steady::kernel
