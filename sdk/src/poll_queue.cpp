#include "poll_queue.hpp"

#include <utility>

namespace steady::detail {

namespace {

/// Bounds the queue on a hidden page, which does not poll.
constexpr std::size_t max_events = 1'000;

}  // namespace

InboundQueue::Put PollQueue::put(const Router::Part& part, Router& router, double number) {
  return inbound_.put(part, added_, router, number);
}

void PollQueue::put(std::unique_ptr<Event> event) {
  event_bytes_ += event->payload_bytes();
  events_.push(std::move(event));
  ++added_;
  while (events_.size() > max_events ||
         (event_bytes_ > options_.queue.max_bytes && events_.size() > 1)) {
    auto oldest = take_oldest_event();
    if (oldest->is_requested()) {
      requested_.push(std::move(oldest));
    } else {
      has_dropped_events_ = true;
    }
  }
}

PollQueue::Round PollQueue::begin_round() const { return {messages(), requested_.size(), added_}; }

PollQueue::Next PollQueue::next(const Round& round) const {
  if (round.requested > 0 && !requested_.empty()) return Next::event;
  const InboundQueue::Entry* const oldest = round.messages > 0 ? inbound_.front() : nullptr;
  if (oldest != nullptr && oldest->after_events <= passed_) return Next::message;
  return passed_ < round.last_event && !events_.empty() ? Next::event : Next::nothing;
}

std::unique_ptr<Event> PollQueue::take_event(Round& round) {
  if (round.requested == 0 || requested_.empty()) return take_oldest_event();
  --round.requested;
  return requested_.pop();
}

InboundQueue::Entry* PollQueue::take_message(Round& round) {
  --round.messages;
  return inbound_.pop();
}

void PollQueue::clear_events() {
  events_.clear();
  requested_.clear();
}

std::unique_ptr<Event> PollQueue::take_oldest_event() {
  auto event = events_.pop();
  event_bytes_ -= event->payload_bytes();
  ++passed_;
  return event;
}

}  // namespace steady::detail
