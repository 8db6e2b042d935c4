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
    *end_ = new Waiter{nullptr, outbox.last_id(), -1, outbox.session().count};
    end_ = &(*end_)->next;
  }

  /// Removes the first that is settled, and returns true with its result. `is_over`: nothing will
  /// be delivered any more.
  bool take(const Outbox& outbox, bool is_over, ErrorCode& result) {
    if (first_ == nullptr) return false;
    const Session& session = outbox.session();
    result =
        is_over || first_->session != session.count ? ErrorCode::session_lost : ErrorCode::none;
    if (result == ErrorCode::none) {
      if (first_->number < 0) {
        if (outbox.has_through(first_->last_id)) return false;
        first_->number = session.next() - 1;
      }
      if (!session.is_settled(first_->number)) return false;
    }
    pop();
    return true;
  }

 private:
  struct Waiter {
    Waiter* next;
    /// The id of the last message that may wait in the queue.
    std::uint32_t last_id;
    /// Number of the last message that was sent, when none of them waits; negative before that.
    double number;
    /// Session::count.
    std::uint32_t session;
  };

  void pop() {
    Waiter* const waiter = first_;
    first_ = waiter->next;
    if (first_ == nullptr) end_ = &first_;
    delete waiter;
  }

  Waiter* first_ = nullptr;
  Waiter** end_ = &first_;
};

}  // namespace steady::kernel
