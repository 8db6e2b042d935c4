#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "backpressure.hpp"
#include "context.hpp"
#include "heartbeat.hpp"
#include "ledger.hpp"
#include "queue.hpp"
#include "receipts.hpp"
#include "session.hpp"

namespace steady::kernel {

/// Messages on their way out, over all connections: those that wait, and those that the platform
/// was given and may still have. Keeps their order.
class Outbox {
 public:
  explicit Outbox(const Settings& settings)
      : context_{.settings = settings},
        session_(context_),
        queue_(context_.settings),
        last_id_(static_cast<std::uint32_t>(settings.last_id)) {}
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;
  ~Outbox();

  /// The kernel's. It is in here, and the Outbox in the Life, since what is a part of an object is
  /// found by its address: references between the three are 0.2 KB of code.
  Context& context() { return context_; }
  const Context& context() const { return context_; }

  // --- Connections. ---

  /// A connection is open. What waits is held until release().
  void begin(bool batching);
  void release();
  /// It has ended. Unsent messages are dropped, or queued again if they may be repeated.
  void end(bool may_repeat);

  // --- Sessions: outbox_session.cpp. ---

  Session& session() { return session_; }
  const Session& session() const { return session_; }
  Receipts& receipts() { return receipts_; }
  const Receipts& receipts() const { return receipts_; }
  /// Messages of this connection are numbered from here on.
  void number() { wire_->is_numbered = true; }
  /// Nothing more is sent on this connection.
  void hold();
  /// The session has ended. Unacknowledged messages are dropped, or queued again if they may be
  /// repeated. `handled`: the server has handled them up to this number and no others; negative if
  /// unknown.
  void end_session(bool may_repeat, double handled = -1);
  /// Sends a control frame: see CommandKind::control.
  void control(char letter, double first, double second = 0);
  /// Acknowledges what was received.
  void acknowledge();
  /// Messages wait for acknowledgements, which must be requested from the server: a small window is
  /// full before it acknowledges by itself. True once for the same messages.
  bool take_question();
  /// Nothing waits, and everything sent in the session was acknowledged.
  bool is_settled() { return is_idle() && session_.is_settled(); }

  // --- Messages. ---

  /// See InputKind::send.
  double send(std::uint32_t handle, double size, std::uint32_t flags, double ttl,
              std::uint32_t key);
  /// Sends before everything that waits, without bounds. False if there is no connection.
  bool send_first(std::uint32_t handle, double size, std::uint32_t flags);
  /// See InputKind::sent.
  void sent(std::uint32_t handle, double size, std::uint32_t flags, double number);
  /// Another input has arrived: the report of the last sent message is out of date.
  void forget_newest() { newest_ = 0; }
  /// See InputKind::not_transmitted.
  double not_transmitted(std::uint32_t handle, bool is_rejected);
  bool cancel(std::uint32_t id);
  /// See Ledger::answered.
  bool answered(std::uint32_t id) {
    return session_.answered(id) || (wire_ && wire_->ledger.answered(id));
  }

  enum class Until : std::uint8_t { high_water, empty };
  /// Sends queued messages.
  void flush(Until until);
  /// See InputKind::again.
  double go_on();
  /// Reads the platform's amount, and sends as much as fits.
  void look();
  /// See Ledger::flow.
  Flow flow();
  /// Drops expired messages.
  void expire();
  void drop_all(DropReason reason);

  // --- Pending work. ---

  bool is_batching() const { return wire_ && wire_->is_batching; }
  /// Only reading the platform's amount shows progress.
  bool is_waiting_for_platform() const;
  /// An open frame leaves at the end of the task.
  bool has_open_frame() const { return wire_ && wire_->has_open_frame; }
  /// The platform's amount has to be read before another message.
  bool needs_reading() const { return wire_ && wire_->pressure.needs_reading(); }
  /// There is more to send than this call may.
  bool take_unfinished() { return std::exchange(is_unfinished_, false); }
  /// Time at which expire() is due.
  double next_expiry() const { return next_expiry_; }
  /// Nothing waits, neither here nor in the platform's buffer.
  bool is_idle();
  std::uint32_t last_id() const { return last_id_; }
  /// A message waits whose id is not above this one.
  bool has_through(std::uint32_t id) const { return queue_.has_through(id); }
  std::size_t messages() const { return queue_.size(); }
  double bytes() const { return queue_.bytes(); }

  struct Credit {
    double bytes = 0;
    bool is_new = false;
  };
  /// Bytes that may be sent within a grant: see steady::Grant::send_credit. `anew`: what is left of
  /// an old credit is granted again.
  Credit credit(bool anew);
  /// Nothing of it is left.
  void end_credit() {
    if (wire_) wire_->pressure.end_credit();
  }
  /// Some of the credit may be left.
  bool has_credit() const { return wire_ && wire_->pressure.has_credit(); }

 private:
  /// The present connection's.
  struct Wire {
    Wire(Context& context, bool batching)
        : ledger(context), pressure(context.settings), is_batching(batching) {}

    Ledger ledger;
    Backpressure pressure;
    const bool is_batching;
    /// False once the platform has not taken a message.
    bool is_taking = true;
    /// The greeting is not over.
    bool is_held = true;
    /// Messages belong to the session, and have numbers.
    bool is_numbered = false;
    bool has_open_frame = false;
  };

  bool is_flowing() const { return wire_ && wire_->is_taking && !wire_->is_held; }
  /// Messages wait, and may be sent.
  bool has_next() const {
    return is_flowing() && (session_.unsent() != nullptr ||
                            (!queue_.empty() && !is_window_full(queue_.first()->size)));
  }
  bool is_window_full(double size) const { return wire_->is_numbered && session_.is_full(size); }
  /// A message of this size may be sent before any other.
  bool is_clear(double size) const {
    return is_flowing() && queue_.empty() && session_.unsent() == nullptr && !is_window_full(size);
  }
  bool may_batch(std::uint32_t flags) const { return is_batching() && (flags & is_json) != 0; }
  bool is_below_high_water();
  double read_amount();
  void transmit(Message* message, std::uint32_t bits);
  void record(Message* message);
  void transmit_frame();
  void resend_frame();
  double reject(std::uint32_t handle);
  double take_back(std::uint32_t handle);
  double place(Message* message);
  double enqueue(Message* message);
  void fill_frame();
  double refuse(DropReason reason, Message* message, bool is_dropped);
  void repeat(MessageList& messages, bool is_exact = false);
  void give_up(MessageList& unsent, MessageList& unanswered);
  void watch_expiry(const Message& message);

  Context context_;
  Session session_;
  Receipts receipts_;
  Queue queue_;
  std::optional<Wire> wire_;
  std::uint32_t last_id_;
  /// The handle of the message that `send` was called with last.
  std::uint32_t newest_ = 0;
  /// No message expires before.
  double next_expiry_ = never;
  bool is_unfinished_ = false;
  /// Messages were sent since take_question().
  bool is_unasked_ = false;
  /// The message that `send` was called with, if others have to be transmitted before its fate is
  /// known.
  Message* pending_ = nullptr;
};

}  // namespace steady::kernel
