#pragma once

#include <cstddef>
#include <utility>

#include "event_queue.hpp"
#include "handlers.hpp"
#include "receiver.hpp"
#include "steady/options.hpp"
#include "steady/socket.hpp"

namespace steady::detail {

/// Collects the events and questions of a socket, and dispatches them from the event loop, in
/// order. With Dispatch::queued, handlers are called by way of the Receiver's queue.
class EventDispatcher {
 public:
  /// All must outlive it.
  EventDispatcher(const Options& options, Asker& asker, Receiver& receiver)
      : options_(options), asker_(asker), receiver_(receiver) {}
  EventDispatcher(const EventDispatcher&) = delete;
  EventDispatcher& operator=(const EventDispatcher&) = delete;

  /// To subscribe.
  Handlers& handlers() {
    has_handlers_ = true;
    return handlers_;
  }
  /// Hears everything before the handlers do.
  void listen(SocketListener& listener) { listener_ = &listener; }
  /// Somebody hears of messages that are not sent.
  bool hears_drops() const { return listener_ != nullptr || handlers_.hears_drops(); }

  template <class What, class... Arguments>
  void add(Arguments&&... arguments) {
    events_.emplace<What>(std::forward<Arguments>(arguments)...);
  }
  /// Keeps the handler of a `drained` until it is answered.
  void add_drained(Socket::DrainedHandler&& handler) {
    drained_.emplace<DrainedEvent>(std::move(handler));
  }
  /// Answers the oldest `drained`.
  void answer_drained(const Error& error);
  /// Nothing is to be dispatched.
  bool empty() const { return events_.empty(); }

  /// Dispatches what there is. The caller holds all of this alive. What a handler makes happen is
  /// dispatched the next time.
  void dispatch();
  /// Calls the handlers of one event.
  void call_handlers(Event& event);
  /// Handlers are running, or dispatching is held.
  bool is_busy() const { return is_busy_; }
  void hold(bool does) { is_busy_ = does; }

  /// The socket is destroyed: nobody hears anything any more.
  void clear();

 private:
  const Options& options_;
  Asker& asker_;
  Receiver& receiver_;
  Handlers handlers_;
  bool has_handlers_ = false;
  bool is_busy_ = false;
  SocketListener* listener_ = nullptr;
  EventQueue events_;
  /// DrainedEvents, in the order in which they were asked for.
  EventQueue drained_;
};

}  // namespace steady::detail
