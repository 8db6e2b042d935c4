#pragma once

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

/// What a Receiver needs of its socket. Handlers run in some of its calls, so the socket may be
/// closed, or destroyed, after each of them.
class ReceiverListener {
 public:
  /// Messages of this attempt are still dispatched.
  virtual bool receives(Generation attempt) const = 0;
  /// Received texts may be batches.
  virtual bool is_batching() const = 0;
  /// A ping is out, and HeartbeatOptions::reply answers it.
  virtual bool seeks_reply() const = 0;
  virtual void reply_received() = 0;
  virtual void report(const Error& error) = 0;
  /// Dispatches what was reported.
  virtual void deliver() = 0;
  /// While true, deliver() does nothing.
  virtual void hold_delivery(bool does) = 0;
  /// There is no room for what is received.
  virtual void inbound_full() = 0;
  virtual void inbound_drained() = 0;

 protected:
  ~ReceiverListener() = default;
};

/// Received messages on their way to handlers: at once, or with Dispatch::queued by way of poll().
class Receiver {
 public:
  /// Both must outlive it.
  Receiver(const Options& options, ReceiverListener& listener)
      : options_(options), listener_(listener), router_(options.type_member), waiting_(options) {}
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;

  /// To subscribe. From then on messages are read.
  Router& router() {
    is_reading_ = true;
    return router_;
  }
  /// Looks for the reply to a ping among the messages.
  void read_replies() { is_reading_ = true; }
  bool is_reading() const { return is_reading_; }
  /// A handler could not decode the present message.
  void malformed(std::string_view type, const Error& error);

  /// A message has arrived.
  void receive(Generation attempt, Inbound& message);

  // --- Dispatch::queued. ---

  /// Keeps an event. If it is `needed`, somebody may have subscribed to it.
  void keep(std::unique_ptr<Event> event, bool is_needed);
  /// Dispatches what waits. Returns the number of messages. `call` calls the handlers of an event;
  /// `is_gone` is set when the socket is destroyed, `now` is its clock.
  std::size_t dispatch_waiting(const PollBudget& budget, const bool& is_gone,
                               const std::function<void(Event&)>& call,
                               const std::function<std::chrono::milliseconds()>& now);
  std::size_t messages() const { return waiting_.messages(); }
  std::uint64_t dropped() const { return waiting_.dropped(); }

  /// Forgets messages that wait: the user has ended the connection.
  void forget_messages();
  /// The socket is destroyed.
  void clear();

 private:
  Error take(Inbound& message, std::size_t max_bytes);
  void finish(Generation attempt);
  void dispatch(Generation attempt, Inbound& message);
  void store(Generation attempt, Inbound& message);
  Error keep(const Router::Part& part);
  void dispatch_kept(InboundQueue::Entry* message, const bool& is_gone);
  void go_on();

  const Options& options_;
  ReceiverListener& listener_;
  Router router_;
  bool is_reading_ = false;
  /// Why a handler could not decode the present message.
  Error malformed_;
  PollQueue waiting_;
  /// More was received than may wait; until nothing does.
  bool has_overflowed_ = false;
};

}  // namespace steady::detail
