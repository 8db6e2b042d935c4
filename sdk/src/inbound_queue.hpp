#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "router.hpp"
#include "steady/message.hpp"
#include "steady/options.hpp"
#include "steady/transport.hpp"

namespace steady::detail {

/// Received messages that wait for Socket::poll(), in the order in which they came. What has room
/// for one message is used again for another.
class InboundQueue {
 public:
  /// `options` must outlive it.
  explicit InboundQueue(const InboundOptions& options);
  InboundQueue(const InboundQueue&) = delete;
  InboundQueue& operator=(const InboundQueue&) = delete;
  ~InboundQueue();

  /// A message that waits.
  struct Entry {
    MessageKind kind = MessageKind::text;
    /// The text of the routing member; only if there is one.
    std::string type;
    bool has_type = false;
    InboundBuffer data;
    /// It is to be told when so many events were.
    std::uint64_t after_events = 0;

   private:
    friend class InboundQueue;
    Entry* previous = nullptr;
    Entry* next = nullptr;
  };

  enum class Put : std::uint8_t {
    taken,          ///< It waits, or is not wanted.
    made_room,      ///< It waits, and others were dropped for it.
    no_room,        ///< It does not fit.
    out_of_memory,  ///< Nothing has happened.
  };

  /// Takes a message, no larger than InboundOptions::max_bytes. If it is all of a buffer (`whole`),
  /// another buffer is left in its place. Where there is no room, first what `router` has no
  /// handler for is forgotten, this message, too.
  Put put(const Router::Part& part, std::uint64_t after_events, Router& router);

  /// The oldest, or null.
  const Entry* front() const { return first_; }
  /// Takes the oldest out; there must be one. To be given back.
  Entry* pop();
  void give_back(Entry* entry);

  /// Forgets what waits.
  void clear();

  std::size_t messages() const { return messages_; }
  /// Messages dropped so far.
  std::uint64_t dropped() const { return dropped_; }

 private:
  bool fits(std::size_t size) const;
  bool is_conflated(const Message& message, bool has_type) const;
  /// The one that waits and is of the same kind and type, or null.
  Entry* find_alike(const Entry& entry) const;
  Entry* fresh();
  void append(Entry* entry);
  void unlink(Entry* entry);

  const InboundOptions& options_;
  const bool conflates_all_;
  Entry* first_ = nullptr;
  Entry* last_ = nullptr;
  std::size_t messages_ = 0;
  std::size_t bytes_ = 0;
  std::uint64_t dropped_ = 0;
  /// Entries for use again, linked by `next`, and the memory that they have.
  Entry* spare_ = nullptr;
  std::size_t spare_bytes_ = 0;
};

}  // namespace steady::detail
