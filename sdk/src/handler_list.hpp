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
  /// Not a std::function, which can be copied, and so is more than twice the code for every type.
  class Handler {
   public:
    virtual ~Handler() = default;
    virtual void call(const void* event) = 0;
  };

  std::uint32_t add(std::unique_ptr<Handler> handler);
  void remove(std::uint32_t id) override;
  void clear();
  bool empty() const { return live_ == 0; }
  /// The caller holds this object alive. What a handler throws ends the program.
  void dispatch(const void* event) noexcept;

 private:
  struct Slot {
    std::uint32_t id;
    std::unique_ptr<Handler> handler;
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
    return {list_, list_->add(std::make_unique<Typed>(std::move(handler)))};
  }
  void dispatch(const Event& event) const { list_->dispatch(&event); }
  void clear() const { list_->clear(); }
  bool empty() const { return list_->empty(); }

 private:
  class Typed final : public UntypedHandlerList::Handler {
   public:
    explicit Typed(std::function<void(const Event&)>&& handler) : handler_(std::move(handler)) {}
    void call(const void* event) override { handler_(*static_cast<const Event*>(event)); }

   private:
    std::function<void(const Event&)> handler_;
  };

  std::shared_ptr<UntypedHandlerList> list_ = std::make_shared<UntypedHandlerList>();
};

}  // namespace steady::detail
