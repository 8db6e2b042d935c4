#include "event_dispatcher.hpp"

namespace steady::detail {

void EventDispatcher::dispatch() {
  is_busy_ = true;
  // Only the events queued now: a handler that resends every dropped message must not block the
  // event loop.
  for (std::size_t left = events_.size(); left > 0 && !events_.empty(); --left) {
    auto event = events_.pop();
    if (!event->is_event(question_listener_)) continue;
    if (listener_ != nullptr) event->notify(*listener_);
    if (options_.dispatch == Dispatch::queued) {
      receiver_.keep(std::move(event), has_handlers_);
    } else {
      call_handlers(*event);
    }
  }
  is_busy_ = false;
}

void EventDispatcher::call_handlers(Event& event) {
  event.run();
  event.notify(handlers_);
}

void EventDispatcher::clear() {
  events_.clear();
  drained_.clear();
  delivered_.clear();
  handlers_.clear();
  listener_ = nullptr;
}

}  // namespace steady::detail
