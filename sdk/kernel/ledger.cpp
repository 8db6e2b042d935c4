#include "ledger.hpp"

#include <algorithm>
#include <utility>

namespace steady::kernel {

namespace {

/// Reported when it has left. A message that expects a reply is reported later.
bool is_tracked(const Message& message) {
  return message.has(track) && !message.has(expects_reply);
}

}  // namespace

Ledger::~Ledger() {
  unconfirmed_.clear();
  unanswered_.clear();
}

void Ledger::record(Message* message) {
  newer_bytes_ += message->size;
  if (is_tracked(*message)) ++tracked_;
  unconfirmed_.insert(message, nullptr);
}

bool Ledger::is_long() const { return unconfirmed_.size() - older_ > max_unconfirmed; }

/// Messages before the newest `amount` bytes have left. There is always one mark between older and
/// newer messages, so that nothing is counted twice.
void Ledger::confirm(double amount) {
  if (newer_bytes_ >= amount) confirm_older();
  if (amount == 0) confirm_older();
}

void Ledger::confirm_older() {
  for (; older_ > 0; --older_) {
    Message* const message = unconfirmed_.take(unconfirmed_.first());
    if (message->has(expects_reply)) {
      unanswered_.insert(message, nullptr);
      continue;
    }
    if (is_tracked(*message)) {
      --tracked_;
      context_.report_outcome(message->id, DropReason::none);
    }
    context_.discard(message);
  }
  older_ = unconfirmed_.size();
  older_bytes_ += std::exchange(newer_bytes_, 0);
}

Flow Ledger::flow(double amount) {
  const double bytes = older_bytes_ + newer_bytes_;
  // Bytes are counted, since what is added meanwhile hides what has left.
  const double added = bytes - std::exchange(flow_bytes_, bytes);
  const bool has_moved = amount < std::exchange(flow_amount_, amount) + added;
  return amount == 0 ? Flow::empty : has_moved ? Flow::moving : Flow::stuck;
}

bool Ledger::answered(std::uint32_t id) {
  if (Message* const message = find_expecting(unanswered_, id)) {
    context_.discard(unanswered_.take(message));
    return true;
  }
  Message* const message = find_expecting(unconfirmed_, id);
  if (message == nullptr) return false;
  // The platform may still have it: its bytes count, and its fate is not reported.
  if (message->handle != 0) context_.commands.add(CommandKind::release, message->handle);
  // Another message may be given it.
  message->handle = 0;
  message->flags = connection_only | own | (message->flags & joined);
  return true;
}

Message* Ledger::take(Message* message) {
  const bool is_newer = unconfirmed_.size() > older_;
  if (is_newer) newer_bytes_ -= message->size;
  if (is_tracked(*message)) --tracked_;
  unconfirmed_.take(message);
  older_ = std::min(older_, unconfirmed_.size());
  return message;
}

Message* Ledger::newest_with(std::uint32_t handle) const {
  Message* message = unconfirmed_.last();
  while (message != nullptr && message->handle != handle) message = message->previous;
  return message;
}

Message* Ledger::take_rejected(std::uint32_t handle) {
  Message* const message = newest_with(handle);
  return message != nullptr ? take(message) : nullptr;
}

MessageList Ledger::take_back(std::uint32_t handle) {
  MessageList taken;
  const Message* const oldest = newest_with(handle);
  for (Message* message = nullptr; message != oldest;) {
    message = take(unconfirmed_.last());
    message->remove(joined);
    taken.insert(message, taken.first());
  }
  return taken;
}

MessageList Ledger::take_unsent(double amount) {
  MessageList unsent;
  bool was_joined = false;
  // Newest first.
  while (!unconfirmed_.empty() && (amount > 0 || was_joined)) {
    Message* const message = unconfirmed_.take(unconfirmed_.last());
    unsent.insert(message, unsent.first());
    const bool is_joined = message->has(joined);
    message->remove(joined);
    // With the comma before it, or the brackets.
    amount -= message->size + (is_joined ? 1 : was_joined ? 2 : 0);
    was_joined = is_joined;
  }
  older_ = unconfirmed_.size();
  confirm_older();
  return unsent;
}

MessageList Ledger::take_unanswered() { return std::exchange(unanswered_, {}); }

}  // namespace steady::kernel
