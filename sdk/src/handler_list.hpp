#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <utility>

#include "steady/handler.hpp"
#include "steady/subscription.hpp"

namespace steady::detail {

/// Handlers of one event. They may be added and removed during a dispatch: an added handler is not
/// called for the current event, a removed handler is not called any more. Independent of the
/// event's type, so that the program has one copy of the code.
class UntypedHandlerList final : public HandlerListBase {
 public:
  std::uint32_t add(std::unique_ptr<AnyHandler> handler);
  void remove(std::uint32_t id) override;
  void clear();
  bool empty() const { return live_ == 0; }
  /// The caller must keep this object alive. noexcept: an exception of a handler ends the program.
  void dispatch(const void* event) noexcept;

 private:
  struct Slot {
    std::uint32_t id;
    std::unique_ptr<AnyHandler> handler;
  };

  /// Destroys removed handlers.
  void destroy_removed();

  std::list<Slot> slots_;
  std::uint32_t last_id_ = 0;
  std::uint32_t live_ = 0;
  std::uint32_t depth_ = 0;
};

/// Handlers of events of type Event. Copies share one list; hold a copy while dispatching.
template <class Event>
class HandlerList {
 public:
  /// A handler without a function is not added.
  Subscription add(Handler<Event> handler) const { return add_any(handler.release()); }
  /// The same for a handler that is called with an Event.
  Subscription add_any(std::unique_ptr<AnyHandler> handler) const {
    if (handler == nullptr) return {};
    return {list_, list_->add(std::move(handler))};
  }
  void dispatch(const Event& event) const { list_->dispatch(&event); }
  void clear() const { list_->clear(); }
  bool empty() const { return list_->empty(); }

 private:
  std::shared_ptr<UntypedHandlerList> list_ = std::make_shared<UntypedHandlerList>();
};

}  // namespace steady::detail
