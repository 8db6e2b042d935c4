#pragma once

#include <cmath>
#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>

#include "poll_queue.hpp"
#include "router.hpp"
#include "steady/options.hpp"
#include "steady/socket.hpp"
#include "steady/transport.hpp"

namespace steady::detail {

/// Listener of a Receiver: its socket. Some calls run handlers, which may close or destroy the
/// socket.
class ReceiverListener {
 public:
  /// True if messages of this attempt are dispatched.
  virtual bool receives(Generation attempt) const = 0;
  /// True if received text messages may be batches.
  virtual bool is_batching() const = 0;
  /// True if a ping is waiting for HeartbeatOptions::reply.
  virtual bool seeks_reply() const = 0;
  virtual void reply_received() = 0;
  virtual void report(const Error& error) = 0;
  /// Dispatches events.
  virtual void deliver() = 0;
  /// While held, deliver() does nothing.
  virtual void hold_delivery(bool does) = 0;
  /// A message that waited for poll() was dispatched.
  virtual void message_handled() = 0;
  /// A received message exceeds the limits of InboundOptions.
  virtual void inbound_full() = 0;
  /// All waiting messages were dispatched after inbound_full().
  virtual void inbound_drained() = 0;

 protected:
  ~ReceiverListener() = default;
};

/// Dispatches received messages to handlers: at once, or in poll() with Dispatch::queued.
class Receiver {
 public:
  /// Both must outlive it.
  Receiver(const Options& options, ReceiverListener& listener)
      : options_(options), listener_(listener), router_(options.type_member), waiting_(options) {}
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;

  /// For subscribing. Messages are read from the first call on.
  Router& router() {
    is_reading_ = true;
    return router_;
  }
  /// Makes the Receiver read messages, to find the reply to a ping.
  void read_replies() { is_reading_ = true; }
  bool is_reading() const { return is_reading_; }
  /// Reports that a handler could not decode the current message.
  void malformed(const Error& error, const Message& message);

  /// A message has arrived. `number`: of its frame in the session; without one, half below that of
  /// the next frame. Returns false if there is no room for the frame: then nothing of it waits.
  bool receive(Generation attempt, Inbound& message, double number = 0);

  // --- Dispatch::queued. ---

  /// Queues an event for poll(). `is_needed`: there may be handlers for it.
  void keep(std::unique_ptr<Event> event, bool is_needed);
  /// Dispatches waiting messages and events. Returns the number of messages. `call` calls the
  /// handlers of an event; `is_gone` is set when the socket is destroyed; `now` returns the time.
  std::size_t dispatch_waiting(const PollBudget& budget, const bool& is_gone,
                               const std::function<void(Event&)>& call,
                               const std::function<std::chrono::milliseconds()>& now);
  std::size_t messages() const { return waiting_.messages(); }
  /// Number of the last frame of which no message waits, if `taken` is the last that was received.
  double handled(double taken) const {
    return waiting_.front() != nullptr ? std::ceil(waiting_.front()->number) - 1 : taken;
  }
  /// The numbers of the session begin again: everything that waits precedes them.
  void begin_numbers() { waiting_.renumber(0.5); }
  std::uint64_t dropped() const { return waiting_.dropped(); }

  /// Discards waiting messages, after the user has ended the connection.
  void discard_messages();
  /// The socket is destroyed.
  void clear();

 private:
  Error take(Inbound& message, std::size_t max_bytes);
  void finish(Generation attempt);
  void dispatch(Generation attempt, Inbound& message);
  bool store(Generation attempt, Inbound& message, double number);
  Error keep(const Router::Part& part, double number);
  void dispatch_kept(InboundQueue::Entry* message, const bool& is_gone);
  void resume();

  const Options& options_;
  ReceiverListener& listener_;
  Router router_;
  bool is_reading_ = false;
  /// Error of a handler that could not decode the current message.
  Error malformed_;
  PollQueue waiting_;
  /// A message exceeded the limits. Reset when no message waits.
  bool has_overflowed_ = false;
};

}  // namespace steady::detail
