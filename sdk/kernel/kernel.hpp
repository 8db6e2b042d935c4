#pragma once

#include <cstddef>
#include <cstdint>

#include "commands.hpp"
#include "context.hpp"
#include "deliveries.hpp"
#include "heartbeat.hpp"
#include "inputs.hpp"
#include "life.hpp"
#include "outbox.hpp"
#include "settings.hpp"

namespace steady::kernel {

/// Decides everything about one socket, without calling out (Sans-I/O): an input goes in, and a
/// list of commands comes out. The same inputs give the same commands. Payloads, strings, clocks
/// and connections stay in the shell, which carries out the commands after each input.
class Kernel {
 public:
  /// `settings` were checked.
  explicit Kernel(const Settings& settings) : life_(settings) {}
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;

  /// To be called before the first input.
  void add_close_rule(const CloseRule& rule) { life_.policy().add_rule(rule); }

  /// The one way in. The return value is described in InputKind.
  double input(const Moment& moment, const Input& input);
  /// The commands to carry out. An input that is given meanwhile adds to them.
  Commands& commands() { return context().commands; }
  /// The last `read_all`.
  bool reads_all() const { return reads_all_; }
  /// A `defer` was commanded, and `task_over` has not come.
  bool is_deferred() const { return is_deferred_; }
  /// Time at which the input `timer` is due; negative is never.
  double next_deadline() const { return context().timers.next(); }
  /// Number of the received frame with which the input `received` is due.
  double receipt_due() const { return outbox().receipts().due(); }
  /// A `send` needs Moment::buffered.
  bool needs_amount() const { return outbox().needs_reading(); }
  /// A `message` needs Moment::now.
  bool awaits_pong() const { return life_.connection() && life_.connection()->awaits_pong(); }

  /// The public state: a flush before a close counts as `closing`.
  State state() const { return life_.state(); }
  /// The number of the newest attempt; 0 before the first.
  std::uint32_t attempt() const { return life_.attempts(); }
  /// It is the attempt, or the connection, that there is.
  bool is_current(double attempt) const {
    return life_.connection() && static_cast<double>(life_.attempts()) == attempt;
  }
  /// It is a connection whose messages are dispatched.
  bool is_open(double attempt) const { return is_receiving() && is_current(attempt); }
  /// JSON is sent in batches.
  bool is_batching() const { return outbox().is_batching(); }
  /// Received messages are dispatched: while open, and during the flush of a close.
  bool is_receiving() const { return life_.is_open(); }
  /// The provider was asked for this attempt, and has not answered.
  bool is_asking(double attempt) const { return attempt_in(Phase::asking) == attempt; }
  /// This connection is being greeted.
  bool is_greeting(double attempt) const { return attempt_in(Phase::greeting) == attempt; }
  /// The attempt that is in this phase; 0 if none is.
  double attempt_in(Phase phase) const { return life_.phase() == phase ? life_.attempts() : 0; }
  /// Milliseconds until the next attempt; negative if none is scheduled.
  double retry_in(double now) const;
  /// Attempts in a row, 0 after a connection was stable.
  std::uint32_t retries(double now) const;
  /// Round-trip time of pings.
  const RoundTrip& round_trip() const { return life_.round_trip(); }
  /// The server's clock less Moment::now; negative if unknown.
  double clock_offset() const { return life_.clock_offset(); }
  /// The message id that was used last.
  std::uint32_t last_id() const { return outbox().last_id(); }
  /// Messages that wait.
  std::size_t queued_messages() const { return outbox().messages(); }
  /// Their bytes.
  double queued_bytes() const { return outbox().bytes(); }

 private:
  Context& context() { return life_.context(); }
  const Context& context() const { return life_.context(); }
  Outbox& outbox() { return life_.outbox(); }
  const Outbox& outbox() const { return life_.outbox(); }

  double call(const Input& input);
  double user_call(const Input& input);
  double shell_call(const Input& input);
  double send(const Input& input);

  bool lacks_session();
  void await_delivery();
  void after_call();
  void report_drained(ErrorCode error);
  void watch_outbox();
  void update_grant();

  Life life_;
  /// `drained` commands that are owed.
  std::uint32_t drains_ = 0;
  Deliveries deliveries_;
  bool reads_all_ = false;
  /// A `defer` is out.
  bool is_deferred_ = false;
  /// An `again` is out.
  bool is_unfinished_ = false;
};

}  // namespace steady::kernel
