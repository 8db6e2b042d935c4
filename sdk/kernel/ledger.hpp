#pragma once

#include <cstddef>
#include <cstdint>

#include "context.hpp"
#include "heartbeat.hpp"
#include "message.hpp"

namespace steady::kernel {

/// Messages to remember before checking which have left: in a Ledger, and in a shell that sends
/// within a grant.
inline constexpr std::size_t max_unconfirmed = 1'000;

/// The messages of one connection that the platform may not have sent yet, and those that were sent
/// and expect a reply. Messages sent within a grant (InputKind::sent) are included.
class Ledger {
 public:
  explicit Ledger(Context& context) : context_(context) {}
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;
  /// Forgets everything without a report.
  ~Ledger();

  /// The platform was given a message.
  void record(Message* message);
  /// It was given bytes that need no confirmation.
  void count(double bytes) { older_bytes_ += bytes; }
  /// The platform still has `amount` bytes: messages that are older have left.
  void confirm(double amount);
  /// So many were recorded since the last confirm() that another one is due.
  bool is_long() const;
  /// The reply to a message has arrived. False if none was expected.
  bool answered(std::uint32_t id);
  /// Progress of the bytes in the platform's buffer since the last call.
  Flow flow(double amount);

  /// Takes back the newest message with this handle, which the platform rejects; null if there is
  /// none.
  Message* take_rejected(std::uint32_t handle);
  /// The same, with everything that came after it and is not the kernel's own.
  MessageList take_back(std::uint32_t handle);

  /// The connection has ended with `amount` bytes in the platform's buffer: takes the messages that
  /// were not sent, as whole frames. What is older has left.
  MessageList take_unsent(double amount);
  /// The same for those that expect a reply, to be called after it.
  MessageList take_unanswered();

  /// Waits for reports of tracked messages.
  bool has_tracked() const { return tracked_ > 0; }

 private:
  Message* newest_with(std::uint32_t handle) const;
  Message* take(Message* message);
  void confirm_older();

  Context& context_;
  /// Oldest first. The first `older_` of them were there at the last confirm() that found some
  /// gone.
  MessageList unconfirmed_;
  std::size_t older_ = 0;
  /// Bytes of the others.
  double newer_bytes_ = 0;
  /// All bytes before those on this connection, for flow().
  double older_bytes_ = 0;
  double flow_amount_ = 0;
  double flow_bytes_ = 0;
  /// Messages to report when they have left.
  std::size_t tracked_ = 0;
  /// Sent and waiting for a reply, oldest first.
  MessageList unanswered_;
};

}  // namespace steady::kernel
