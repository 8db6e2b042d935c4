#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <utility>

#include "steady/subscription.hpp"

namespace steady::detail {

/// Handlers of one event. They may be added and removed while it is being dispatched: one that is
/// added does not hear the present event, one that is removed is not called any more.
/// Knows nothing of the event's type, so that there is one copy of it in the program.
class UntypedHandlerList final : public HandlerListBase {
 public:
  using Handler = std::function<void(const void* event)>;

  std::uint32_t add(Handler handler);
  void remove(std::uint32_t id) override;
  void clear();
  bool empty() const { return live_ == 0; }
  /// The caller holds this object alive.
  void dispatch(const void* event);

 private:
  struct Slot {
    std::uint32_t id;
    Handler handler;
  };

  /// Destroys the handlers that were removed.
  void bury();

  std::list<Slot> slots_;
  std::uint32_t last_id_ = 0;
  std::uint32_t live_ = 0;
  std::uint32_t depth_ = 0;
};

/// The handlers of events of type Event. Copies share one list; hold a copy while dispatching.
template <class Event>
class HandlerList {
 public:
  Subscription add(std::function<void(const Event&)> handler) const {
    const std::uint32_t id = list_->add([handler = std::move(handler)](const void* event) {
      handler(*static_cast<const Event*>(event));
    });
    return {list_, id};
  }
  void dispatch(const Event& event) const { list_->dispatch(&event); }
  void clear() const { list_->clear(); }
  bool empty() const { return list_->empty(); }

 private:
  std::shared_ptr<UntypedHandlerList> list_ = std::make_shared<UntypedHandlerList>();
};

}  // namespace steady::detail
