#include "handler_list.hpp"

namespace steady::detail {

std::uint32_t UntypedHandlerList::add(std::unique_ptr<AnyHandler> handler) {
  slots_.push_back({++last_id_, std::move(handler)});
  ++live_;
  return last_id_;
}

void UntypedHandlerList::remove(std::uint32_t id) {
  for (auto slot = slots_.begin(); slot != slots_.end(); ++slot) {
    if (slot->id != id) continue;
    --live_;
    // The handler may be running: keep its slot until the dispatch has ended.
    slot->id = 0;
    if (depth_ == 0) destroy_removed();
    return;
  }
}

void UntypedHandlerList::clear() {
  live_ = 0;
  for (auto& slot : slots_) slot.id = 0;
  if (depth_ == 0) destroy_removed();
}

void UntypedHandlerList::dispatch(const void* event) noexcept {
  if (live_ == 0) return;
  ++depth_;
  const std::uint32_t newest = last_id_;
  for (auto& slot : slots_) {
    if (slot.id > newest) break;
    if (slot.id != 0) slot.handler->call(event);
  }
  if (--depth_ == 0) destroy_removed();
}

void UntypedHandlerList::destroy_removed() {
  // Destroying a handler may call remove(), if it owns a Subscription of this list, so removed
  // slots are moved out of the list first.
  std::list<Slot> removed;
  for (auto slot = slots_.begin(); slot != slots_.end();) {
    const auto next = std::next(slot);
    if (slot->id == 0) removed.splice(removed.end(), slots_, slot);
    slot = next;
  }
}

}  // namespace steady::detail
