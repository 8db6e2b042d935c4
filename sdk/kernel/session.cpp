#include "session.hpp"

#include <utility>

namespace steady::kernel {

Session::~Session() {
  sent_.clear();
  unsent_.clear();
  unanswered_.clear();
}

void Session::pass(double next, double unreported) {
  next_ = larger(next_, next);
  unreported_bytes_ = unreported;
}

void Session::keep(Message* message) {
  add_bytes(*message);
  newest_ = larger(newest_, message->number);
  sent_.insert(message, nullptr);
}

void Session::acknowledge(double number) {
  acknowledged_ = larger(acknowledged_, number);
  acknowledge(sent_, number);
  acknowledge(unsent_, number);
  close_holes();
}

/// The numbers of dropped messages are never acknowledged.
void Session::close_holes() {
  if (is_settled()) acknowledged_ = larger(acknowledged_, newest_);
}

void Session::acknowledge(MessageList& list, double number) {
  while (Message* const message = list.first()) {
    if (message->number > number) return;
    list.take(message);
    remove_bytes(*message);
    if (message->has(expects_reply)) {
      unanswered_.insert(message, nullptr);
      continue;
    }
    if (message->has(track)) context_.report_outcome(message->id, DropReason::none, true);
    context_.discard(message);
  }
}

bool Session::answered(std::uint32_t id) {
  if (Message* const message = find_expecting(unanswered_, id)) {
    context_.discard(unanswered_.take(message));
    return true;
  }
  Message* message = find_expecting(sent_, id);
  if (message == nullptr) message = find_expecting(unsent_, id);
  if (message == nullptr) return false;
  // Kept until it is acknowledged, without a caller that waits for it.
  message->remove(expects_reply);
  message->remove(track);
  return true;
}

Message* Session::take_rejected(std::uint32_t handle) {
  Message* message = sent_.last();
  while (message != nullptr && message->handle != handle) message = message->previous;
  if (message == nullptr) return nullptr;
  remove_bytes(*message);
  // The next message gets its number; in between it leaves a hole.
  if (!message->has(joined) && message->number == next_ - 1) {
    next_ = message->number;
    newest_ = smaller(newest_, next_ - 1);
  }
  return sent_.take(message);
}

double Session::room() const {
  return smaller(room_for_bytes(),
                 (context_.settings.session_window - frames()) * message_overhead);
}

bool Session::is_settled(double number) const {
  const Message* const oldest = sent_.empty() ? unsent_.first() : sent_.first();
  return oldest == nullptr || oldest->number > number;
}

void Session::end_connection() {
  while (Message* const message = sent_.last()) {
    sent_.take(message);
    if (message->has(is_volatile) || message->has(connection_only)) {
      remove_bytes(*message);
      context_.drop(DropReason::unconfirmed, message);
    } else {
      unsent_.insert(message, unsent_.first());
    }
  }
  close_holes();
}

Message* Session::take_unsent() {
  Message* const message = unsent_.take(unsent_.first());
  remove_bytes(*message);
  return message;
}

MessageList Session::take_unacknowledged() {
  end_connection();
  next_ = 1;
  acknowledged_ = bytes_ = unreported_bytes_ = newest_ = 0;
  return std::exchange(unsent_, {});
}

MessageList Session::take_unanswered() { return std::exchange(unanswered_, {}); }

}  // namespace steady::kernel
