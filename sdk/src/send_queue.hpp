#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <utility>

#include "steady/options.hpp"
#include "steady/payload.hpp"

namespace steady::detail {

/// Messages that wait, first in first out, bounded in messages and in bytes.
class SendQueue {
 public:
  struct Entry {
    std::uint32_t id;
    Payload payload;
  };

  explicit SendQueue(const QueueOptions& options) : options_(options) {}

  bool fits(std::size_t size) const {
    return entries_.size() < options_.max_messages && size <= options_.max_bytes - bytes_;
  }

  /// The message must fit.
  void push(std::uint32_t id, Payload&& payload) {
    bytes_ += payload.size();
    entries_.push_back({id, std::move(payload)});
  }

  /// There must be one, here and below.
  const Payload& front() const { return entries_.front().payload; }

  const std::list<Entry>& entries() const { return entries_; }

  Entry pop() {
    Entry entry = std::move(entries_.front());
    entries_.pop_front();
    bytes_ -= entry.payload.size();
    return entry;
  }

  bool empty() const { return entries_.empty(); }
  std::size_t size() const { return entries_.size(); }
  std::size_t bytes() const { return bytes_; }

 private:
  QueueOptions options_;
  std::list<Entry> entries_;
  std::size_t bytes_ = 0;
};

}  // namespace steady::detail
