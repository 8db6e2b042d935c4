#pragma once

#include <cstddef>
#include <utility>

#include "event_queue.hpp"
#include "handlers.hpp"
#include "receiver.hpp"
#include "steady/options.hpp"
#include "steady/socket.hpp"

namespace steady::detail {

/// Queues events and questions of a socket, and dispatches them from the event loop, in order. With
/// Dispatch::queued, events are moved to the Receiver's queue, from which poll() dispatches them.
class EventDispatcher {
 public:
  /// All must outlive it.
  EventDispatcher(const Options& options, QuestionListener& listener, Receiver& receiver)
      : options_(options), question_listener_(listener), receiver_(receiver) {}
  EventDispatcher(const EventDispatcher&) = delete;
  EventDispatcher& operator=(const EventDispatcher&) = delete;

  /// For subscribing.
  Handlers& handlers() {
    has_handlers_ = true;
    return handlers_;
  }
  /// Sets the listener, which is called before the handlers.
  void listen(SocketListener& listener) { listener_ = &listener; }
  /// True if drops are reported to a listener or a handler.
  bool has_drop_handler() const { return listener_ != nullptr || handlers_.has_drop_handler(); }

  template <class What, class... Arguments>
  void add(Arguments&&... arguments) {
    events_.emplace<What>(std::forward<Arguments>(arguments)...);
  }
  /// Adds a call of Socket::drained().
  void add_drained(Socket::DrainedHandler&& handler) {
    drained_.emplace<DrainedEvent>(std::move(handler));
  }
  /// Completes the oldest call of Socket::drained().
  void answer_drained(const Error& error) { answer<DrainedEvent>(drained_, error); }
  /// Adds a call of Socket::delivered().
  void add_delivered(Socket::DeliveredHandler&& handler) {
    delivered_.emplace<DeliveredEvent>(std::move(handler));
  }
  /// Completes the oldest call of Socket::delivered().
  void answer_delivered(const Error& error) { answer<DeliveredEvent>(delivered_, error); }
  /// True if there is nothing to dispatch.
  bool empty() const { return events_.empty(); }

  /// Dispatches the events that are queued now; events added by handlers wait for the next call.
  /// The caller must keep this object alive.
  void dispatch();
  /// Calls the handlers of an event.
  void call_handlers(Event& event);
  /// True while handlers run, or while dispatching is held.
  bool is_busy() const { return is_busy_; }
  void hold(bool does) { is_busy_ = does; }

  /// The socket is destroyed. No listener or handler is called after this.
  void clear();

 private:
  template <class What>
  void answer(EventQueue& calls, const Error& error) {
    auto event = calls.pop();
    static_cast<What&>(*event).error = error;
    events_.push(std::move(event));
  }

  const Options& options_;
  QuestionListener& question_listener_;
  Receiver& receiver_;
  Handlers handlers_;
  bool has_handlers_ = false;
  bool is_busy_ = false;
  SocketListener* listener_ = nullptr;
  EventQueue events_;
  /// Pending calls of Socket::drained(), in order: DrainedEvents.
  EventQueue drained_;
  /// The same of Socket::delivered(): DeliveredEvents.
  EventQueue delivered_;
};

}  // namespace steady::detail
