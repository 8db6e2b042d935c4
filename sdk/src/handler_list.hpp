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
/// Hold it in a shared_ptr, also while dispatching.
template <class... Args>
class HandlerList final : public HandlerListBase {
 public:
  using Handler = std::function<void(Args...)>;

  static Subscription add(const std::shared_ptr<HandlerList>& list, Handler handler) {
    list->slots_.push_back({++list->last_id_, std::move(handler)});
    ++list->live_;
    return {list, list->last_id_};
  }

  void remove(std::uint32_t id) override {
    for (auto slot = slots_.begin(); slot != slots_.end(); ++slot) {
      if (slot->id != id) continue;
      --live_;
      // A handler may be running: its slot stays until the dispatch is over.
      if (depth_ > 0) {
        slot->id = 0;
      } else {
        slots_.erase(slot);
      }
      return;
    }
  }

  void clear() {
    live_ = 0;
    if (depth_ > 0) {
      for (auto& slot : slots_) slot.id = 0;
    } else {
      slots_.clear();
    }
  }

  bool empty() const { return live_ == 0; }

  void dispatch(Args... args) {
    if (live_ == 0) return;
    ++depth_;
    const std::uint32_t newest = last_id_;
    for (auto& slot : slots_) {
      if (slot.id > newest) break;
      if (slot.id != 0) slot.handler(args...);
    }
    if (--depth_ == 0) slots_.remove_if([](const Slot& slot) { return slot.id == 0; });
  }

 private:
  struct Slot {
    std::uint32_t id;
    Handler handler;
  };

  std::list<Slot> slots_;
  std::uint32_t last_id_ = 0;
  std::uint32_t live_ = 0;
  std::uint32_t depth_ = 0;
};

}  // namespace steady::detail
