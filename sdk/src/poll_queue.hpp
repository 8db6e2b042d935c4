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

/// What waits for Socket::poll(): received messages and events, in the order in which they came.
class PollQueue {
 public:
  /// `options` must outlive it.
  explicit PollQueue(const Options& options) : options_(options), inbound_(options.inbound) {}

  /// Keeps a message: see InboundQueue::put.
  InboundQueue::Put put(const Router::Part& part, Router& router);
  /// Keeps an event. Where there are too many the oldest are forgotten, but for those that somebody
  /// has asked for.
  void put(std::unique_ptr<Event> event);

  /// What one poll() tells at most: what waits when it begins.
  struct Round {
    std::size_t messages = 0;
    std::size_t asked = 0;
    std::uint64_t last_event = 0;
  };
  Round begin_round() const;
  enum class Next : std::uint8_t { nothing, event, message };
  Next next(const Round& round) const;
  /// If an event is next.
  std::unique_ptr<Event> take_event(Round& round);
  /// If a message is next. To be given back.
  InboundQueue::Entry* take_message(Round& round);
  void give_back(InboundQueue::Entry* message) { inbound_.give_back(message); }

  /// Whether events were forgotten since this was asked last.
  bool take_forgotten() { return std::exchange(has_forgotten_, false); }

  bool empty() const { return messages() == 0 && events_.empty() && asked_.empty(); }
  std::size_t messages() const { return inbound_.messages(); }
  /// Messages dropped so far.
  std::uint64_t dropped() const { return inbound_.dropped(); }

  void clear_messages() { inbound_.clear(); }
  void clear_events();

 private:
  std::unique_ptr<Event> take_oldest_event();

  const Options& options_;
  InboundQueue inbound_;
  EventQueue events_;
  std::size_t event_bytes_ = 0;
  /// Events so far, and how many of them were told, or forgotten.
  std::uint64_t added_ = 0;
  std::uint64_t passed_ = 0;
  /// Those that somebody has asked for, and that there was no room for. Older than all the others.
  EventQueue asked_;
  bool has_forgotten_ = false;
};

}  // namespace steady::detail
