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

/// Received messages that wait for Socket::poll(), in order. The memory of dispatched messages is
/// reused.
class InboundQueue {
 public:
  /// `options` must outlive it.
  explicit InboundQueue(const InboundOptions& options);
  InboundQueue(const InboundQueue&) = delete;
  InboundQueue& operator=(const InboundQueue&) = delete;
  ~InboundQueue();

  /// A waiting message.
  struct Entry {
    MessageKind kind = MessageKind::text;
    /// Value of the routing member, if `has_type`.
    std::string type;
    bool has_type = false;
    InboundBuffer data;
    /// Number of events to dispatch before it.
    std::uint64_t after_events = 0;
    /// Number of its frame in the session. Without one, half below that of the next frame.
    double number = 0;

   private:
    friend class InboundQueue;
    Entry* previous = nullptr;
    Entry* next = nullptr;
  };

  enum class Put : std::uint8_t {
    taken,          ///< The message was queued, or dropped because it has no handler.
    made_room,      ///< It was queued, and older messages were dropped.
    no_room,        ///< It was not queued: the queue is full.
    out_of_memory,  ///< It was not queued, and the queue is unchanged.
  };

  /// Queues a message, which must not be larger than InboundOptions::max_bytes. If it fills a
  /// buffer (Part::whole), that buffer is swapped with an unused one. In a full queue, messages
  /// without a handler in `router` are dropped first, including this one.
  Put put(const Router::Part& part, std::uint64_t after_events, Router& router, double number = 0);

  /// Returns the oldest message, or null.
  const Entry* front() const { return first_; }
  /// Removes and returns the oldest message, which must exist. Afterwards call give_back().
  Entry* pop();
  void give_back(Entry* entry);

  /// Drops all waiting messages.
  void clear();
  /// Drops the newest messages, those with this number.
  void drop_newest(double number);
  /// All waiting messages get this number.
  void renumber(double number);

  std::size_t messages() const { return messages_; }
  /// Number of messages dropped so far, because of InboundOverflow::drop_oldest.
  std::uint64_t dropped() const { return dropped_; }

 private:
  bool fits(std::size_t size) const;
  bool is_conflated(const Message& message, bool has_type) const;
  /// Returns the newest waiting message of the same kind and type, or null.
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
  /// Spare entries, linked by `next`, and the capacity of their buffers.
  Entry* spare_ = nullptr;
  std::size_t spare_bytes_ = 0;
};

}  // namespace steady::detail
