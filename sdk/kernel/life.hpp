#pragma once

#include <cstdint>
#include <optional>

#include "connection.hpp"
#include "context.hpp"
#include "heartbeat.hpp"
#include "inputs.hpp"
#include "lifecycle.hpp"
#include "outbox.hpp"
#include "reconnect_policy.hpp"
#include "steady/hint.hpp"
#include "steady/session_state.hpp"

namespace steady::kernel {

/// The lifecycle of a socket: its attempts and connections, their ends, and the next steps. The
/// table in lifecycle.hpp selects the actions; the methods here carry them out.
class Life {
 public:
  explicit Life(const Settings& settings);
  Life(const Life&) = delete;
  Life& operator=(const Life&) = delete;

  Context& context() { return outbox_.context(); }
  const Context& context() const { return outbox_.context(); }
  Outbox& outbox() { return outbox_; }
  const Outbox& outbox() const { return outbox_; }
  ReconnectPolicy& policy() { return policy_; }
  const ReconnectPolicy& policy() const { return policy_; }

  // --- Calls of the user: see InputKind. ---

  void start(ErrorCode refused, bool is_suspended);
  /// Event::connect, suspend or resume.
  ErrorCode request(Event event);
  void reconnect(std::uint16_t code);
  /// False if it closes already.
  bool close(std::uint16_t code, double flush);

  // --- Inputs. ---

  /// An input that names the present attempt.
  double attempt_input(const Input& input);
  void decided(int action);
  void timer();
  void hint(Hint hint);
  void pong();
  void inbound_full();
  void inbound_drained();
  /// Messages have arrived that were not given as inputs.
  void heard();
  /// The flush before a close is over.
  void flushed() { close_now(); }
  /// See InputKind::received.
  void received(bool has_many_bytes);
  /// Asks the server for an acknowledgement, unless it was asked already.
  void probe();

  // --- Readings. ---

  Phase phase() const { return phase_; }
  bool is_open() const { return open_phases.has(phase_); }
  bool is_flushing() const { return context().timers.is_running(Timer::flush); }
  /// The public state: a flush before a close counts as `closing`.
  State state() const;
  bool is_over() const { return state() >= State::closing; }
  /// Null between attempts.
  Connection* connection() { return connection_ ? &*connection_ : nullptr; }
  const Connection* connection() const { return connection_ ? &*connection_ : nullptr; }
  /// Counts the attempts, from 1.
  std::uint32_t attempts() const { return attempts_; }
  /// Time of the next attempt, while waiting for it.
  double retry_at() const { return retry_.at; }
  const RoundTrip& round_trip() const { return round_trip_; }
  /// The server's clock less the kernel's, in milliseconds; negative if unknown.
  double clock_offset() const { return clock_offset_; }

 private:
  /// The end of a connection or an attempt.
  struct Ending {
    std::uint16_t code = 0;
    /// CloseBit bits.
    std::uint8_t bits = 0;
    TextId text = TextId::none;
  };
  /// Reason for which one is aborted.
  struct Failure {
    ErrorCode code = ErrorCode::none;
    TextId text = TextId::none;
    /// Before the next attempt; negative is none.
    double asked_delay = -1;
  };
  /// The connection that has ended, for the decision on what follows.
  struct Ended {
    Ending ending;
    bool is_undecided = false;
    bool was_stable = false;
    bool was_away = false;
    double asked_delay = -1;
  };
  /// The next attempt.
  struct Retry {
    double at = 0;
    /// From when it was decided on.
    double delay = 0;
    /// The server requests that there is none before.
    double not_before = 0;
  };

  // life.cpp
  void step(Event event);
  void perform(Action action, Phase previous);
  void ask(Phase previous);
  void greet();
  void greeted();
  void begin_close();
  void finish();
  void abort_connection();
  void end_connection(bool may_repeat);
  void wait_offline();
  void schedule_retry();
  void close_now();
  void watch(bool does) { context().commands.add(CommandKind::watch, does ? 1 : 0); }
  void shut(std::uint32_t code, TextId reason) {
    context().commands.add(CommandKind::shut, code, static_cast<std::uint32_t>(reason));
  }
  void report_state();
  void add_ending(CommandKind kind, const Ending& ending);

  // life_session.cpp
  bool accept_session(bool is_agreed);
  void control(const Input& input);
  bool control_frame(const Input& input);
  void say_hello();
  void welcome(bool is_same, double handled, double handled_before);
  void lose_session(SessionState state, double handled = -1);
  void session_overdue();
  void end_session();
  void session_ended(bool is_own);
  bool answer_probe(const Input& input);
  void measure_clock(double time);
  void receipt_overdue();
  void report_session(SessionState state) {
    context().commands.add(CommandKind::session, static_cast<std::uint32_t>(state));
  }

  // life_attempts.cpp
  void open_failed(ErrorCode code);
  void mark_not_retryable(ErrorCode code);
  void give_up(const Failure& failure);
  void attempt_overdue();
  void fail(const Failure& failure);
  void connection_ended(const Ending& ending, double asked_delay);
  void follow(const ReconnectPolicy::Verdict& verdict);
  void report_verdict(const ReconnectPolicy::Verdict& verdict);
  void follow_rules() { follow(policy_.judge(ended_.ending.code, ended_.asked_delay)); }
  void report_undecided();
  void become_ready(Event event);
  void look();
  void ping();

  Outbox outbox_;
  ReconnectPolicy policy_;
  std::optional<Connection> connection_;

  /// Written by step() only.
  Phase phase_ = Phase::idle;
  State reported_ = State::idle;
  std::uint32_t attempts_ = 0;
  /// Of the present attempt; negative is none.
  double first_message_size_;

  /// The end of the last connection; until then the one to be reported by default.
  Ending last_;
  /// The end that close() requested.
  Ending farewell_;
  Failure failure_;
  Ended ended_;
  Retry retry_;

  bool is_offline_ = false;
  bool is_inbound_full_ = false;
  RoundTrip round_trip_;
  /// Number of the last ping in a session.
  double probes_ = 0;
  /// The server's clock less the kernel's; negative before the first measurement.
  double clock_offset_ = -1;
};

}  // namespace steady::kernel
