#pragma once

#include <cstddef>
#include <cstdint>

#include "message.hpp"
#include "settings.hpp"

namespace steady::kernel {

/// Messages that wait: first in, first out, those of high priority before the others; bounded in
/// messages and in bytes.
class Queue {
 public:
  /// `settings` must outlive it.
  explicit Queue(const Settings& settings) : settings_(settings) {}
  Queue(const Queue&) = delete;
  Queue& operator=(const Queue&) = delete;

  /// There is room for a message of this size.
  bool fits(double size) const;
  /// There would be room if all that oldest() may return were gone.
  bool could_fit(double size, bool is_high) const;
  /// There is room in the place of another one.
  bool fits_in_place(const Message& old, double size) const;

  /// Adds behind those of its priority.
  void push(Message* message);
  /// Adds before those of its priority.
  void push_front(Message* message);
  Message* take(Message* message);
  /// Puts a message in the place of another one, with the priority of that place. The old one is
  /// removed.
  void replace(Message* old, Message* message);

  Message* first() const { return messages_.first(); }
  /// The one to drop for a message that is of high priority or not; null if there is none.
  Message* oldest(bool is_high) const;
  Message* find(std::uint32_t id) const { return find(&Message::id, id); }
  /// Null also if the key is 0.
  Message* find_key(std::uint32_t key) const {
    return key != 0 ? find(&Message::key, key) : nullptr;
  }

  /// A message waits whose id is not above this one.
  bool has_through(std::uint32_t id) const;

  bool empty() const { return messages_.empty(); }
  std::size_t size() const { return messages_.size(); }
  double bytes() const { return bytes_; }

 private:
  bool may_have(std::size_t messages, double bytes) const;
  Message* find(std::uint32_t Message::*number, std::uint32_t value) const;
  void insert(Message* message, Message* position);

  const Settings& settings_;
  MessageList messages_;
  /// The first of normal priority, or null.
  Message* first_normal_ = nullptr;
  double bytes_ = 0;
};

}  // namespace steady::kernel
