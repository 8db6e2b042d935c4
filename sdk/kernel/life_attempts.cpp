// Inputs of an attempt and of the connection that it becomes, and the decision after their end.
#include <utility>

#include "life.hpp"
#include "steady/close_code.hpp"

namespace steady::kernel {

namespace {

/// A close reported this soon after resuming happened during suspension.
constexpr double wake_window = 1'000;

}  // namespace

double Life::attempt_input(const Input& input) {
  switch (input.kind) {
    case InputKind::provided:
      if (phase_ != Phase::asking) break;
      first_message_size_ = input.b;
      step(Event::provided);
      break;
    case InputKind::provider_failed:
    case InputKind::greeting_failed:
      if (phase_ != (input.kind == InputKind::greeting_failed ? Phase::greeting : Phase::asking)) {
        break;
      }
      give_up({static_cast<ErrorCode>(input.b), TextId::given_failure, input.c});
      break;
    case InputKind::greeted:
      greeted();
      break;
    case InputKind::open_failed:
      open_failed(static_cast<ErrorCode>(input.b));
      break;
    case InputKind::opened:
      if (phase_ != Phase::dialing) break;
      if (!accept_session((static_cast<unsigned>(input.b) & opened_session) != 0)) break;
      connection_->opened(input.c != 0);
      outbox_.begin((static_cast<unsigned>(input.b) & opened_batching) != 0);
      step(Event::opened);
      break;
    case InputKind::error: {
      const auto code = static_cast<ErrorCode>(input.b);
      if (code == ErrorCode::blocked) mark_not_retryable(code);
      context().report_error(code, TextId::given_error);
      break;
    }
    case InputKind::closed: {
      const std::uint8_t bits = input.c != 0 ? std::uint8_t{was_clean} : std::uint8_t{0};
      connection_ended({static_cast<std::uint16_t>(input.b), bits, TextId::given_reason}, input.d);
      break;
    }
    case InputKind::greeting:
      return phase_ == Phase::greeting &&
             outbox_.send_first(static_cast<std::uint32_t>(input.b), input.c,
                                static_cast<std::uint32_t>(input.d));
    case InputKind::control:
      control(input);
      break;
    default:
      if (!is_open()) return 0;
      connection_->has_heard = true;
      if (!connection_->has_named_reply()) pong();
      return 1;
  }
  return 0;
}

// --- Failures. ---

void Life::open_failed(ErrorCode code) {
  if (phase_ != Phase::dialing) return;
  connection_->dial_failed();
  mark_not_retryable(code);
  const Failure failure{code, TextId::given_failure};
  if (connection_->is_not_retryable) {
    fail(failure);
  } else {
    give_up(failure);
  }
}

/// The platform will refuse the same request again, unless a provider returns another URL.
void Life::mark_not_retryable(ErrorCode code) {
  connection_->is_not_retryable =
      context().settings.asks_provider == 0 || code == ErrorCode::not_supported;
}

/// Inside a call of the user: the decision is made when the timer is due.
void Life::give_up(const Failure& failure) {
  failure_ = failure;
  step(Event::gave_up);
}

void Life::attempt_overdue() {
  if (phase_ == Phase::failing || phase_ == Phase::breaking) {
    fail(failure_);
  } else if (phase_ == Phase::greeting) {
    fail({ErrorCode::greeting_failed, TextId::greeting_timeout});
  } else if (is_open()) {
    const bool is_greeted = connection_->membership != Membership::agreed;
    fail({ErrorCode::session_failed,
          is_greeted ? TextId::session_unanswered : TextId::session_not_greeted});
  } else {
    fail({ErrorCode::connect_timeout, TextId::connect_timeout});
  }
}

void Life::fail(const Failure& failure) {
  context().report_error(failure.code, failure.text);
  connection_ended({close_code::abnormal, 0, failure.text}, failure.asked_delay);
}

// --- The decision. ---

/// Decides whether another attempt follows, or asks.
void Life::connection_ended(const Ending& ending, double asked_delay) {
  const double now = context().now();
  const bool is_last = phase_ == Phase::closing || connection_->is_not_retryable;
  const bool asks = !is_last && context().settings.decides != 0;
  ended_ = {ending, asks, connection_->is_stable(now), now - connection_->woke_at < wake_window,
            asked_delay};
  if (ended_.was_stable) policy_.reset(now);
  end_connection(/*may_repeat=*/!is_last);
  if (asks) {
    retry_.at = now;
    step(Event::asked);
    add_ending(CommandKind::decide, ending);
  } else if (is_last) {
    follow({});
  } else {
    follow_rules();
  }
}

/// Meanwhile the user may have called anything. A negative `action` applies the rules.
void Life::decided(int action) {
  if (phase_ != Phase::deciding) {
    report_undecided();
    return;
  }
  ended_.is_undecided = false;
  if (action < 0) {
    follow_rules();
  } else {
    follow({static_cast<CloseAction>(action), DecidedBy::decide});
  }
}

/// Another attempt follows, or may.
void Life::report_undecided() {
  if (!std::exchange(ended_.is_undecided, false)) return;
  ended_.ending.bits |= will_retry;
  add_ending(CommandKind::close, ended_.ending);
}

void Life::report_verdict(const ReconnectPolicy::Verdict& verdict) {
  add_ending(CommandKind::last_close, last_);
  context().commands.add(CommandKind::verdict, static_cast<std::uint32_t>(verdict.by),
                         static_cast<std::uint32_t>(verdict.action),
                         std::uint32_t{verdict.first} << 16 | verdict.last);
  // A socket that makes one attempt only ends as expected, and a malformed frame was reported.
  if (verdict.action == CloseAction::fatal && context().settings.reconnect_max_attempts > 0 &&
      last_.text != TextId::session_malformed) {
    context().report_error(ErrorCode::fatal_close, TextId::given_verdict);
  }
}

void Life::follow(const ReconnectPolicy::Verdict& verdict) {
  const double now = context().now();
  CloseAction action = verdict.action;
  if (ended_.was_away && action == CloseAction::retry) action = CloseAction::at_once;
  last_ = ended_.ending;
  if (verdict.by != DecidedBy::nobody) report_verdict(verdict);
  std::optional<ReconnectPolicy::Retry> retry;
  if (action != CloseAction::fatal) {
    retry = policy_.next(action, ended_.asked_delay, ended_.was_stable || ended_.was_away, now,
                         context().moment.random);
    // With max_attempts == 0 this is not an error.
    if (!retry && context().settings.reconnect_max_attempts > 0) {
      context().report_error(ErrorCode::gave_up, policy_.reason());
    }
  }
  if (!retry) {
    step(Event::ended);
    return;
  }
  last_.bits |= will_retry;
  const double at = now + retry->delay;
  retry_ = {at, retry->delay, retry->is_asked_for ? at : 0};
  step(is_offline_ ? Event::lost_offline : Event::lost);
  add_ending(CommandKind::close, last_);
}

// --- Liveness: see HeartbeatOptions. ---

void Life::heard() {
  if (connection_) connection_->has_heard = true;
}

void Life::look() {
  TextId dead = TextId::none;
  const Flow flow = outbox_.flow();
  // Acknowledged messages may be missing in the count of bytes.
  const bool is_moving = std::exchange(connection_->has_progress, false) && flow == Flow::stuck;
  if (connection_->look(is_moving ? Flow::moving : flow, dead)) ping();
  if (dead != TextId::none) fail({ErrorCode::heartbeat_timeout, dead});
}

void Life::probe() {
  if (is_open() && connection_->probe()) ping();
}

void Life::pong() {
  if (is_open() && connection_->awaits_pong()) add_sample(round_trip_, connection_->pong());
}

void Life::ping() {
  if (connection_->has_session()) {
    outbox_.control('?', ++probes_);
  } else {
    outbox_.send_first(ping_handle, context().settings.ping_size, own);
  }
}

}  // namespace steady::kernel
