#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "event_queue.hpp"
#include "inbound_queue.hpp"
#include "router.hpp"
#include "steady/options.hpp"

namespace steady::detail {

/// Received messages and events that wait for Socket::poll(), in order.
class PollQueue {
 public:
  /// `options` must outlive it.
  explicit PollQueue(const Options& options) : options_(options), inbound_(options.inbound) {}

  /// Adds a message: see InboundQueue::put.
  InboundQueue::Put put(const Router::Part& part, Router& router, double number);
  /// Adds an event. Drops the oldest above the limit, except for events that the user has requested
  /// (Event::is_requested).
  void put(std::unique_ptr<Event> event);

  /// Number of messages and events that waited when a poll() began, which are the most that it
  /// dispatches.
  struct Round {
    std::size_t messages = 0;
    std::size_t requested = 0;
    std::uint64_t last_event = 0;
  };
  Round begin_round() const;
  enum class Next : std::uint8_t { nothing, event, message };
  Next next(const Round& round) const;
  /// Removes the next event. Call it if next() returned Next::event.
  std::unique_ptr<Event> take_event(Round& round);
  /// Removes the next message. Call it if next() returned Next::message; afterwards call
  /// give_back().
  InboundQueue::Entry* take_message(Round& round);
  void give_back(InboundQueue::Entry* message) { inbound_.give_back(message); }

  /// Returns true if events were dropped since the last call.
  bool take_events_dropped() { return std::exchange(has_dropped_events_, false); }

  bool empty() const { return messages() == 0 && events_.empty() && requested_.empty(); }
  std::size_t messages() const { return inbound_.messages(); }
  /// Number of messages dropped so far.
  std::uint64_t dropped() const { return inbound_.dropped(); }

  void clear_messages() { inbound_.clear(); }
  /// The oldest message, or null.
  const InboundQueue::Entry* front() const { return inbound_.front(); }
  void drop_newest(double number) { inbound_.drop_newest(number); }
  void renumber(double number) { inbound_.renumber(number); }
  void clear_events();

 private:
  std::unique_ptr<Event> take_oldest_event();

  const Options& options_;
  InboundQueue inbound_;
  EventQueue events_;
  std::size_t event_bytes_ = 0;
  /// Number of events added, and of events dispatched or dropped, so far.
  std::uint64_t added_ = 0;
  std::uint64_t passed_ = 0;
  /// Requested events that exceeded the limit. Older than all events in events_.
  EventQueue requested_;
  bool has_dropped_events_ = false;
};

}  // namespace steady::detail
