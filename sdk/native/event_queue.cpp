#include "event_queue.hpp"

#include <utility>

namespace steady::native {

namespace {

/// Limit for the memory kept for future messages, per connection, in bytes.
constexpr std::size_t max_spare_bytes = std::size_t{1} << 20;

/// Limit for steps that wait for poll(): a server can cause any number of them with pings.
constexpr std::size_t max_steps = 1'024;

}  // namespace

void EventQueue::notify() {
  if (std::exchange(is_pending_, true)) return;
  wakeup_->pending.push_back(shared_from_this());
  wakeup_->condition.notify_one();
}

void EventQueue::open(std::string subprotocol) {
  const std::lock_guard lock(wakeup_->mutex);
  opened_ = std::move(subprotocol);
  was_opened_ = true;
  notify();
}

bool EventQueue::push(std::unique_ptr<ReceivedMessage>& message) {
  const std::lock_guard lock(wakeup_->mutex);
  ++message_count_;
  byte_count_ += message->bytes.size();
  messages_.push_back(std::move(message));
  if (spare_.empty()) {
    message = std::make_unique<ReceivedMessage>();
  } else {
    message = std::move(spare_.back());
    spare_.pop_back();
    spare_bytes_ -= message->bytes.capacity();
  }
  notify();
  is_reading_paused_ = is_full();
  return !is_reading_paused_;
}

bool EventQueue::has_room() {
  const std::lock_guard lock(wakeup_->mutex);
  return !is_reading_paused_;
}

void EventQueue::step(std::string text) {
  const std::lock_guard lock(wakeup_->mutex);
  if (steps_.size() >= max_steps) {
    ++omitted_steps_;
    return;
  }
  steps_.push_back({std::move(text), !was_opened_, messages_.size()});
  notify();
}

void EventQueue::end(Ending ending) {
  const std::lock_guard lock(wakeup_->mutex);
  ending_ = std::move(ending);
  notify();
}

void EventQueue::take(Taken& taken) {
  const std::lock_guard lock(wakeup_->mutex);
  is_pending_ = false;
  taken.steps.clear();
  std::swap(taken.steps, steps_);
  if (const std::size_t omitted = std::exchange(omitted_steps_, 0); omitted > 0) {
    taken.steps.push_back({std::to_string(omitted) + " more steps", false, messages_.size()});
  }
  taken.opened = std::exchange(opened_, {});
  taken.ending = std::exchange(ending_, {});
  std::swap(taken.messages, messages_);
  // The two vectors alternate: keep the larger capacity in both.
  messages_.reserve(taken.messages.capacity());
}

bool EventQueue::recycle(std::vector<std::unique_ptr<ReceivedMessage>>& messages) {
  const std::lock_guard lock(wakeup_->mutex);
  for (std::unique_ptr<ReceivedMessage>& message : messages) {
    --message_count_;
    byte_count_ -= message->bytes.size();
    message->bytes.set_size(0);
    if (spare_bytes_ + message->bytes.capacity() > max_spare_bytes) continue;
    spare_bytes_ += message->bytes.capacity();
    spare_.push_back(std::move(message));
  }
  messages.clear();
  if (!is_reading_paused_ || is_full()) return false;
  is_reading_paused_ = false;
  return true;
}

}  // namespace steady::native
