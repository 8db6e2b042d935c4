#include "queue.hpp"

namespace steady::kernel {

Message* make_message(std::uint32_t handle, double size, std::uint32_t flags) {
  return new Message{.handle = handle, .flags = flags, .size = size};
}

Message* find_expecting(const MessageList& list, std::uint32_t id) {
  Message* message = list.last();
  while (message != nullptr && !(message->id == id && message->has(expects_reply))) {
    message = message->previous;
  }
  return message;
}

bool Queue::may_have(std::size_t messages, double bytes) const {
  return static_cast<double>(messages) <= settings_.queue_max_messages &&
         bytes <= settings_.queue_max_bytes;
}

bool Queue::fits(double size) const { return may_have(messages_.size() + 1, bytes_ + size); }

bool Queue::could_fit(double size, bool is_high) const {
  double bytes = size;
  std::size_t messages = 1;
  for (const Message* m = first(); m != first_normal_ && !is_high; m = m->next) {
    bytes += m->size;
    ++messages;
  }
  return may_have(messages, bytes);
}

bool Queue::fits_in_place(const Message& old, double size) const {
  return may_have(messages_.size(), bytes_ - old.size + size);
}

void Queue::push(Message* message) {
  insert(message, message->has(high_priority) ? first_normal_ : nullptr);
}

void Queue::push_front(Message* message) {
  insert(message, message->has(high_priority) ? first() : first_normal_);
}

void Queue::insert(Message* message, Message* position) {
  bytes_ += message->size;
  messages_.insert(message, position);
  if (!message->has(high_priority) && position == first_normal_) first_normal_ = message;
}

Message* Queue::take(Message* message) {
  bytes_ -= message->size;
  if (message == first_normal_) first_normal_ = message->next;
  return messages_.take(message);
}

void Queue::replace(Message* old, Message* message) {
  message->remove(high_priority);
  message->flags |= old->flags & high_priority;
  Message* const position = old->next;
  const bool is_first_normal = old == first_normal_;
  take(old);
  bytes_ += message->size;
  messages_.insert(message, position);
  if (is_first_normal) first_normal_ = message;
}

Message* Queue::oldest(bool is_high) const {
  return first_normal_ == nullptr && is_high ? first() : first_normal_;
}

bool Queue::has_through(std::uint32_t id) const {
  const Message* found = first();
  while (found != nullptr && found->id > id) found = found->next;
  return found != nullptr;
}

Message* Queue::find(std::uint32_t Message::*number, std::uint32_t value) const {
  Message* found = first();
  while (found != nullptr && found->*number != value) found = found->next;
  return found;
}

}  // namespace steady::kernel
