#pragma once

#include <cstdint>

#include "outbox.hpp"
#include "steady/error_code.hpp"

namespace steady::kernel {

/// The `delivered` commands that are owed: each waits until everything that was sent before it was
/// acknowledged, or dropped.
class Deliveries {
 public:
  Deliveries() = default;
  Deliveries(const Deliveries&) = delete;
  Deliveries& operator=(const Deliveries&) = delete;
  ~Deliveries() {
    while (first_ != nullptr) pop();
  }

  /// Waits for the messages of `outbox`.
  void add(const Outbox& outbox) {
    Waiter* const waiter = new Waiter{nullptr, outbox.last_id(), 0, outbox.session().count};
    if (waiting_ == nullptr) waiting_ = waiter;
    *end_ = waiter;
    end_ = &waiter->next;
  }

  /// Removes the first that is settled, and returns true with its result. `is_over`: nothing will
  /// be delivered any more.
  bool take(const Outbox& outbox, bool is_over, ErrorCode& result) {
    if (first_ == nullptr) return false;
    const Session& session = outbox.session();
    while (waiting_ != nullptr && !outbox.has_through(waiting_->last_id)) {
      waiting_->number = session.next() - 1;
      waiting_ = waiting_->next;
    }
    result =
        is_over || first_->session != session.count ? ErrorCode::session_lost : ErrorCode::none;
    if (result == ErrorCode::none) {
      if (waiting_ == first_ || !session.is_settled(first_->number)) return false;
    }
    pop();
    return true;
  }

 private:
  struct Waiter {
    Waiter* next;
    /// The id of the last message that may wait in the queue.
    std::uint32_t last_id;
    /// Number of the last message that was sent when none of them waited any more.
    double number;
    /// Session::count.
    std::uint32_t session;
  };

  void pop() {
    Waiter* const waiter = first_;
    first_ = waiter->next;
    if (first_ == nullptr) end_ = &first_;
    if (waiting_ == waiter) waiting_ = first_;
    delete waiter;
  }

  Waiter* first_ = nullptr;
  Waiter** end_ = &first_;
  /// The first whose messages may still wait in the queue; null if there is none.
  Waiter* waiting_ = nullptr;
};

}  // namespace steady::kernel
