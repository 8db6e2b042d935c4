#include "inbound_queue.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

namespace steady::detail {

namespace {

/// Maximum memory of spare entries.
constexpr std::size_t max_spare_bytes = std::size_t{4} << 20;

/// The string of a longer type is freed with its message.
constexpr std::size_t kept_type_bytes = 64;

bool contains(const std::vector<std::string>& types, std::string_view type) {
  return std::find(types.begin(), types.end(), type) != types.end();
}

}  // namespace

InboundQueue::InboundQueue(const InboundOptions& options)
    : options_(options), conflates_all_(contains(options.conflate, "*")) {}

InboundQueue::~InboundQueue() {
  InboundQueue::clear();
  while (spare_ != nullptr) delete std::exchange(spare_, spare_->next);
}

InboundQueue::Put InboundQueue::put(const Router::Part& part, std::uint64_t after_events,
                                    Router& router, double number) {
  const auto has_handler = [&router](const Entry& entry) {
    return router.has_handler({entry.kind, entry.type, {}}, entry.has_type);
  };
  const Message& message = part.message;
  Entry* const entry = fresh();
  if (part.whole != nullptr) {
    entry->data.swap(*part.whole);
  } else if (entry->data.reserve(message.data.size())) {
    std::memcpy(entry->data.data(), message.data.data(), message.data.size());
    entry->data.set_size(message.data.size());
  } else {
    give_back(entry);
    return Put::out_of_memory;
  }
  entry->kind = message.kind;
  entry->has_type = part.has_type;
  entry->type = message.type;
  entry->after_events = after_events;
  entry->number = number;

  if (is_conflated(message, part.has_type)) {
    if (Entry* const old = find_alike(*entry)) {
      unlink(old);
      give_back(old);
    }
  }
  const std::size_t size = entry->data.size();
  for (Entry* at = first_; at != nullptr && !fits(size);) {
    Entry* const candidate = std::exchange(at, at->next);
    if (has_handler(*candidate)) continue;
    unlink(candidate);
    give_back(candidate);
  }
  if (!fits(size) && !has_handler(*entry)) {
    give_back(entry);
    return Put::taken;
  }
  Put result = Put::taken;
  while (!fits(size) && first_ != nullptr) {
    if (options_.overflow == InboundOverflow::fail) {
      give_back(entry);
      return Put::no_room;
    }
    result = Put::made_room;
    ++dropped_;
    give_back(pop());
  }
  append(entry);
  return result;
}

InboundQueue::Entry* InboundQueue::pop() {
  Entry* const entry = first_;
  unlink(entry);
  return entry;
}

void InboundQueue::give_back(Entry* entry) {
  if (entry->type.capacity() > kept_type_bytes) entry->type = std::string();
  const std::size_t room = max_spare_bytes - spare_bytes_;
  entry->data.shrink_above(room);
  spare_bytes_ += entry->data.capacity();
  entry->next = std::exchange(spare_, entry);
}

void InboundQueue::clear() {
  while (first_ != nullptr) give_back(pop());
}

void InboundQueue::drop_newest(double number) {
  while (last_ != nullptr && last_->number == number) {
    Entry* const entry = last_;
    unlink(entry);
    give_back(entry);
  }
}

void InboundQueue::renumber(double number) {
  for (Entry* entry = first_; entry != nullptr; entry = entry->next) entry->number = number;
}

bool InboundQueue::fits(std::size_t size) const {
  return messages_ < options_.max_messages && size <= options_.max_bytes - bytes_;
}

bool InboundQueue::is_conflated(const Message& message, bool has_type) const {
  if (options_.conflate.empty()) return false;
  if (message.kind == MessageKind::binary) return contains(options_.conflate, "");
  return has_type && (conflates_all_ || contains(options_.conflate, message.type));
}

InboundQueue::Entry* InboundQueue::find_alike(const Entry& entry) const {
  Entry* other = last_;
  while (other != nullptr && (other->kind != entry.kind || other->has_type != entry.has_type ||
                              other->type != entry.type)) {
    other = other->previous;
  }
  return other;
}

InboundQueue::Entry* InboundQueue::fresh() {
  if (spare_ == nullptr) return new Entry;
  Entry* const entry = std::exchange(spare_, spare_->next);
  spare_bytes_ -= entry->data.capacity();
  return entry;
}

void InboundQueue::append(Entry* entry) {
  entry->previous = last_;
  entry->next = nullptr;
  (last_ != nullptr ? last_->next : first_) = entry;
  last_ = entry;
  ++messages_;
  bytes_ += entry->data.size();
}

void InboundQueue::unlink(Entry* entry) {
  (entry->previous != nullptr ? entry->previous->next : first_) = entry->next;
  (entry->next != nullptr ? entry->next->previous : last_) = entry->previous;
  --messages_;
  bytes_ -= entry->data.size();
}

}  // namespace steady::detail
