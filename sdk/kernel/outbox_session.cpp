// The session of an outbox: the result of sent messages when it or their connection ends.
#include "outbox.hpp"

#include <utility>

#include "steady/queue_options.hpp"

namespace steady::kernel {

void Outbox::end(bool may_repeat) {
  if (!wire_) return;
  MessageList unsent = wire_->ledger.take_unsent(context_.buffered());
  MessageList unanswered = wire_->ledger.take_unanswered();
  session_.end_connection();
  wire_.reset();

  for (Message *message = queue_.first(), *next = nullptr; message != nullptr; message = next) {
    next = message->next;
    if (message->has(connection_only))
      context_.drop(DropReason::connection_ended, queue_.take(message));
  }
  // Messages sent before precede queued ones: the newest goes to the front first.
  if (may_repeat) {
    repeat(unsent);
    repeat(unanswered);
  }
  give_up(unsent, unanswered);
}

/// Reports messages that will not be sent again.
void Outbox::give_up(MessageList& unsent, MessageList& unanswered) {
  while (Message* message = unanswered.first()) {
    context_.report_outcome(message->id, DropReason::unanswered);
    context_.discard(unanswered.take(message));
  }
  while (Message* message = unsent.first()) {
    unsent.take(message);
    if (message->has(own)) {
      context_.discard(message);
    } else {
      context_.drop(DropReason::unconfirmed, message);
    }
  }
}

/// Lets those that may be repeated wait again; the others are left in the list. `is_exact`: none of
/// them has arrived.
void Outbox::repeat(MessageList& messages, bool is_exact) {
  for (Message *message = messages.last(), *previous = nullptr; message != nullptr;
       message = previous) {
    previous = message->previous;
    const bool is_wanted =
        message->has(expects_reply)
            ? message->has(repeat_unanswered)
            : context_.settings.queue_unconfirmed == static_cast<double>(Unconfirmed::requeue);
    if (!(is_wanted || is_exact) || message->has(connection_only) || message->has(is_volatile) ||
        !queue_.fits(message->size)) {
      continue;
    }
    messages.take(message);
    message->number = 0;
    message->remove(joined);
    if (message->id == 0) message->id = ++last_id_;
    if (queue_.find_key(message->key) != nullptr) {
      context_.replace(message);
      continue;
    }
    watch_expiry(*message);
    queue_.push_front(message);
  }
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
  Command& command =
      context_.commands.add(CommandKind::control, static_cast<unsigned char>(letter));
  command.b = first;
  command.c = second;
}

bool Outbox::take_question() {
  return context_.settings.session_window <= Receipts::max_frames && is_flowing() &&
         !queue_.empty() && is_window_full(queue_.first()->size) &&
         std::exchange(is_unasked_, false);
}

void Outbox::acknowledge() {
  receipts_.acknowledged();
  control('A', receipts_.received());
}

}  // namespace steady::kernel
