#include "send_queue.hpp"

#include <algorithm>
#include <iterator>

namespace steady::detail {

void SendQueue::push(Outgoing&& message) {
  insert(message.wants(&Wishes::is_high) ? first_normal() : entries_.end(), std::move(message));
}

void SendQueue::push_front(Outgoing&& message) {
  insert(message.wants(&Wishes::is_high) ? entries_.begin() : first_normal(), std::move(message));
}

bool SendQueue::could_fit(std::size_t size, bool or_high) const {
  std::size_t bytes = 0;
  std::size_t messages = 0;
  for (const Outgoing& message : entries_) {
    if (or_high || messages == high_) break;
    bytes += message.payload.size();
    ++messages;
  }
  return messages < options_.max_messages && size <= options_.max_bytes - bytes;
}

SendQueue::Iterator SendQueue::oldest(bool or_high) {
  const Iterator normal = first_normal();
  return normal == entries_.end() && or_high ? entries_.begin() : normal;
}

SendQueue::Iterator SendQueue::find(std::uint32_t id) {
  return std::find_if(entries_.begin(), entries_.end(),
                      [id](const Outgoing& message) { return message.id == id; });
}

SendQueue::Iterator SendQueue::find(std::string_view key) {
  return std::find_if(entries_.begin(), entries_.end(), [key](const Outgoing& message) {
    return message.wishes && message.wishes->key == key;
  });
}

Outgoing SendQueue::take(Iterator at) {
  Outgoing message = std::move(*at);
  entries_.erase(at);
  bytes_ -= message.payload.size();
  if (message.wants(&Wishes::is_high)) --high_;
  return message;
}

Outgoing SendQueue::replace(Iterator at, Outgoing&& message) {
  // The place decides which of them goes first.
  message.wishes->is_high = at->wants(&Wishes::is_high);
  bytes_ = bytes_ - at->payload.size() + message.payload.size();
  return std::exchange(*at, std::move(message));
}

void SendQueue::insert(Iterator at, Outgoing&& message) {
  bytes_ += message.payload.size();
  if (message.wants(&Wishes::is_high)) ++high_;
  entries_.insert(at, std::move(message));
}

SendQueue::Iterator SendQueue::first_normal() {
  return std::next(entries_.begin(), static_cast<std::ptrdiff_t>(high_));
}

}  // namespace steady::detail
