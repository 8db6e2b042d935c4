#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "steady/options.hpp"
#include "steady/payload.hpp"

namespace steady::detail {

/// What a message may want. Most want nothing, and do not pay for it.
struct Wishes {
  std::string key = {};
  std::optional<std::chrono::milliseconds> expires_at = {};
  bool is_high = false;
  bool is_volatile = false;
  bool session_only = false;
  /// What becomes of it is told.
  bool is_tracked = false;
  bool expects_reply = false;
  /// If there is none, it is sent again.
  bool is_repeated = false;
  /// The library's own, such as a ping: nobody is told what became of it.
  bool is_ours = false;
};

/// A message on its way out.
struct Outgoing {
  std::uint32_t id = 0;
  Payload payload = {};
  std::unique_ptr<Wishes> wishes = {};
  /// Handed over in one frame with the one before it.
  bool is_joined = false;

  bool wants(bool Wishes::*what) const { return wishes && (*wishes).*what; }
};

/// Messages that wait, first in first out, those of high priority before the others; bounded in
/// messages and in bytes.
class SendQueue {
 public:
  using Iterator = std::list<Outgoing>::iterator;

  explicit SendQueue(const QueueOptions& options) : options_(options) {}

  bool fits(std::size_t size) const {
    return entries_.size() < options_.max_messages && size <= options_.max_bytes - bytes_;
  }
  /// If those that oldest() finds were not there.
  bool could_fit(std::size_t size, bool or_high) const;
  /// In the place of another.
  bool fits_at(Iterator at, std::size_t size) const {
    return size <= options_.max_bytes - (bytes_ - at->payload.size());
  }

  /// The message must fit, here and below.
  void push(Outgoing&& message);
  /// Before the others of its priority.
  void push_front(Outgoing&& message);

  /// There must be one, here and below.
  const Payload& front() const { return entries_.front().payload; }
  Outgoing pop() { return take(entries_.begin()); }

  /// The one that an overflow takes first, for a message that may push out those of high priority
  /// or not; end() if there is none.
  Iterator oldest(bool or_high);
  Iterator find(std::uint32_t id);
  Iterator find(std::string_view key);
  Iterator begin() { return entries_.begin(); }
  Iterator end() { return entries_.end(); }
  Outgoing take(Iterator at);
  /// Puts another message in the place of one, which is given back.
  Outgoing replace(Iterator at, Outgoing&& message);

  const std::list<Outgoing>& entries() const { return entries_; }
  bool empty() const { return entries_.empty(); }
  std::size_t size() const { return entries_.size(); }
  std::size_t bytes() const { return bytes_; }

 private:
  void insert(Iterator at, Outgoing&& message);
  Iterator first_normal();

  QueueOptions options_;
  std::list<Outgoing> entries_;
  /// Those of high priority, which come first.
  std::size_t high_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace steady::detail
