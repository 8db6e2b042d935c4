#include "receiver.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include "utf8.hpp"

namespace steady::detail {

using std::chrono::milliseconds;

void Receiver::malformed(const Error& error, const Message& message) {
  if (malformed_) return;
  malformed_ = {error.code, "\"" + std::string(message.type) + "\": " + error.message + ": " +
                                beginning_of(message.data)};
}

bool Receiver::receive(Generation attempt, Inbound& message, double number) {
  if (options_.dispatch == Dispatch::queued) return store(attempt, message, number);
  dispatch(attempt, message);
  return true;
}

/// Reads a message into the router. finish() releases its memory.
Error Receiver::take(Inbound& message, std::size_t max_bytes) {
  router_.seek(listener_.seeks_reply() ? std::string_view(options_.heartbeat->reply)
                                       : std::string_view());
  return router_.take(message, max_bytes,
                      listener_.is_batching() ? Framing::batched : Framing::single);
}

/// Ends the dispatch of the message. Reports the reply to a ping if the message contained it.
void Receiver::finish(Generation attempt) {
  const bool is_answered = router_.found();
  router_.finish();
  if (is_answered && listener_.receives(attempt)) listener_.reply_received();
}

void Receiver::dispatch(Generation attempt, Inbound& message) {
  Error error = take(message, options_.max_message_bytes);
  bool has_more = !error;
  while (has_more && listener_.receives(attempt)) {
    listener_.hold_delivery(true);
    has_more = router_.dispatch_next(error);
    listener_.hold_delivery(false);
    if (malformed_) listener_.report(std::exchange(malformed_, {}));
    listener_.deliver();
  }
  finish(attempt);
  if (!error) return;
  listener_.report(error);
  listener_.deliver();
}

// --- Dispatch::queued. ---

/// Queues a message for poll(). A message without handlers is skipped, unless messages or events
/// wait before it, whose handlers may subscribe to it.
bool Receiver::store(Generation attempt, Inbound& message, double number) {
  const bool keeps_all = !waiting_.empty();
  router_.read_all(keeps_all);
  Error error = take(message, std::min(options_.max_message_bytes, options_.inbound.max_bytes));
  Router::Part part;
  while (!error && router_.next(part, error)) {
    if (keeps_all || messages() > 0 || router_.has_handler(part.message, part.has_type)) {
      error = keep(part, number);
    }
  }
  finish(attempt);
  const bool is_full = error.code == ErrorCode::inbound_overflow;
  // A frame of a session comes again as a whole, unless it is longer than all that may wait.
  const bool is_counted = number > 0 && number == std::floor(number);
  const bool is_too_long =
      is_full && is_counted && waiting_.front() != nullptr && waiting_.front()->number == number;
  if (is_too_long) {
    error = {ErrorCode::message_too_large,
             "a received batch is longer than what may wait for poll()"};
  } else if (is_full && is_counted) {
    waiting_.drop_newest(number);
  }
  if (is_full && !is_too_long) {
    has_overflowed_ = true;
    listener_.inbound_full();
  } else if (error) {
    listener_.report(error);
  }
  listener_.deliver();
  return !is_full || is_too_long;
}

Error Receiver::keep(const Router::Part& part, double number) {
  using Put = InboundQueue::Put;
  switch (waiting_.put(part, router_, number)) {
    case Put::taken:
      break;
    case Put::made_room:
      if (!std::exchange(has_overflowed_, true)) {
        listener_.report(
            {ErrorCode::inbound_overflow,
             "more was received than may wait for poll(): the oldest messages are dropped"});
      }
      break;
    case Put::no_room:
      return {ErrorCode::inbound_overflow, {}};
    case Put::out_of_memory:
      return {ErrorCode::out_of_memory, "a received message does not fit in memory"};
  }
  return {};
}

void Receiver::keep(std::unique_ptr<Event> event, bool is_needed) {
  if (event->is_requested() || is_needed || messages() > 0) waiting_.put(std::move(event));
}

std::size_t Receiver::dispatch_waiting(const PollBudget& budget, const bool& is_gone,
                                       const std::function<void(Event&)>& call,
                                       const std::function<milliseconds()>& now) {
  using Next = PollQueue::Next;
  constexpr milliseconds longest = std::chrono::hours(24);
  std::optional<milliseconds> deadline;
  if (budget.max_time) deadline = now() + std::min(*budget.max_time, longest);
  const std::size_t most = std::max<std::size_t>(1, budget.max_messages);
  std::size_t dispatched = 0;
  auto round = waiting_.begin_round();
  for (Next next; !is_gone && (next = waiting_.next(round)) != Next::nothing;) {
    if (next == Next::event) {
      call(*waiting_.take_event(round));
      continue;
    }
    if (dispatched == most) break;
    ++dispatched;
    dispatch_kept(waiting_.take_message(round), is_gone);
    if (!is_gone) listener_.message_handled();
    if (deadline && !is_gone && now() >= *deadline) break;
  }
  if (is_gone) return dispatched;
  if (waiting_.take_events_dropped()) {
    listener_.report(
        {ErrorCode::inbound_overflow,
         "more has happened than may wait for poll(): the oldest events were dropped"});
  }
  resume();
  return dispatched;
}

void Receiver::dispatch_kept(InboundQueue::Entry* message, const bool& is_gone) {
  router_.dispatch_kept({message->kind, message->type, message->data.view()}, message->has_type);
  waiting_.give_back(message);
  if (malformed_ && !is_gone) listener_.report(std::exchange(malformed_, {}));
}

/// Resumes receiving after an overflow, once no message waits.
void Receiver::resume() {
  if (!has_overflowed_ || messages() > 0) return;
  has_overflowed_ = false;
  if (options_.inbound.overflow == InboundOverflow::fail) listener_.inbound_drained();
}

void Receiver::discard_messages() {
  has_overflowed_ = false;
  waiting_.clear_messages();
}

void Receiver::clear() {
  discard_messages();
  waiting_.clear_events();
  router_.clear();
}

}  // namespace steady::detail
