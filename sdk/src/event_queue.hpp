#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "steady/close_info.hpp"
#include "steady/error.hpp"
#include "steady/send_result.hpp"
#include "steady/socket.hpp"

namespace steady::detail {

/// Something that a Socket tells. Only the member that `kind` names is filled.
struct Event {
  enum class Kind : std::uint8_t { open, close, error, state_change, drop };

  Kind kind;
  CloseInfo close = {};
  Error error = {};
  StateChange state_change = {};
  Drop drop = {};
};

/// Events that have happened and are not yet told, in order. They may be added and cleared while
/// one is being told.
class EventQueue {
 public:
  void push(Event event) { pending_.push_back(std::move(event)); }

  Event pop() {
    Event event = std::move(pending_[next_++]);
    if (empty()) clear();
    return event;
  }

  std::size_t size() const { return pending_.size() - next_; }
  bool empty() const { return size() == 0; }

  void clear() {
    pending_.clear();
    next_ = 0;
  }

 private:
  std::vector<Event> pending_;
  std::size_t next_ = 0;
};

}  // namespace steady::detail
