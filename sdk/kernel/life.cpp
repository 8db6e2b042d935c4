// The user's calls, and the actions of the table in lifecycle.hpp.
#include "life.hpp"

#include <utility>

#include "arithmetic.hpp"
#include "steady/close_code.hpp"

namespace steady::kernel {

namespace {

/// Without a network an attempt is made after this time, or up to twice of it, all the same: the
/// platform may be wrong.
constexpr double offline_delay = 30'000;

}  // namespace

Life::Life(const Settings& settings)
    : outbox_(settings),
      policy_(context().settings),
      first_message_size_(settings.first_message_size) {}

// --- Calls of the user. ---

void Life::start(ErrorCode refused, bool is_suspended) {
  if (refused == ErrorCode::none) {
    watch(true);
    if (is_suspended) {
      // The first state is not a change.
      reported_ = State::suspended;
      step(Event::suspend);
    }
    return;
  }
  context().report_error(refused, TextId::given_error);
  last_ = {close_code::abnormal, 0, TextId::given_error};
  step(Event::close);
}

ErrorCode Life::request(Event event) {
  if (is_over()) return ErrorCode::invalid_state;
  if (event == Event::suspend) {
    is_inbound_full_ = false;
    last_ = {close_code::no_status, will_retry, TextId::suspend_called};
  }
  step(event);
  return ErrorCode::none;
}

void Life::reconnect(std::uint16_t code) {
  is_inbound_full_ = false;
  if (is_open()) {
    // Sends a close frame if possible, and does not wait for the answer.
    outbox_.end(/*may_repeat=*/true);
    shut(code, TextId::given_farewell);
  }
  if (connection_) connection_->is_not_retryable = false;
  if (is_flushing()) {
    context().timers.stop(Timer::flush);
    report_state();
  }
  policy_.reset(context().now());
  if (phase_ == Phase::closed) {
    // The platform reports its present state to a new watch.
    is_offline_ = false;
    watch(true);
  }
  last_ = {close_code::no_status, will_retry, TextId::reconnect_called};
  step(Event::reconnect);
}

bool Life::close(std::uint16_t code, double flush) {
  const bool flushes = flush >= 0;
  if (phase_ == Phase::closing || phase_ == Phase::closed || (is_flushing() && flushes)) {
    return false;
  }
  // Used if there is no connection; otherwise the transport reports how it went.
  farewell_ = {code != 0 ? code : close_code::no_status, was_clean, TextId::given_farewell};
  if (flushes && phase_ != Phase::idle && !outbox_.is_settled()) {
    context().timers.start(Timer::flush, context().now() + flush);
    report_state();
    probe();
    return true;
  }
  is_inbound_full_ = false;
  close_now();
  return true;
}

void Life::close_now() {
  context().timers.stop(Timer::flush);
  // If a connection has just ended, it is that end which is reported.
  last_ = ended_.is_undecided ? ended_.ending : farewell_;
  step(Event::close);
}

// --- The table. ---

void Life::step(Event event) {
  const Transition* const row = transition(phase_, event);
  if (row == nullptr) return;
  const Phase previous = std::exchange(phase_, row->to);
  // A state that `decide` leaves is reported with the one before it.
  if (phase_ != Phase::deciding) report_state();
  perform(row->action, previous);
}

void Life::perform(Action action, Phase previous) {
  switch (action) {
    case Action::none:
      break;
    case Action::replace:
      abort_connection();
      [[fallthrough]];
    case Action::ask:
      ask(previous);
      break;
    case Action::dial:
      connection_->dial();
      break;
    case Action::fail_soon:
      context().timers.start(Timer::attempt, context().now());
      break;
    case Action::greet:
      greet();
      break;
    case Action::flush:
      outbox_.release();
      break;
    case Action::wait_offline:
      wait_offline();
      [[fallthrough]];
    case Action::schedule_retry:
      schedule_retry();
      break;
    case Action::abort_connection:
      abort_connection();
      [[fallthrough]];
    case Action::rest:
      context().timers.stop(Timer::retry);
      break;
    case Action::begin_close:
      begin_close();
      break;
    case Action::finish:
      finish();
      break;
  }
}

void Life::ask(Phase previous) {
  report_undecided();
  context().timers.stop(Timer::retry);
  // The time before the first attempt, and that of a suspension, is not the server's fault.
  if (previous == Phase::suspended || attempts_ == 0) policy_.reset(context().now());
  connection_.emplace(context(), ++attempts_);
  context().timers.start(Timer::attempt, context().now() + context().settings.connect_timeout);
  if (context().settings.asks_provider != 0) {
    context().commands.add(CommandKind::provide, attempts_);
  } else {
    step(Event::provided);
  }
}

void Life::greet() {
  context().commands.add(CommandKind::open);
  if (first_message_size_ >= 0) outbox_.send_first(first_message_handle, first_message_size_, own);
  context().timers.start(Timer::attempt, context().now() + context().settings.connect_timeout);
  if (context().settings.greets == 0) {
    greeted();
    return;
  }
  context().commands.add(CommandKind::greet, attempts_);
}

void Life::greeted() {
  if (phase_ != Phase::greeting) return;
  switch (connection_->membership) {
    case Membership::none:
      become_ready(Event::greeted);
      break;
    case Membership::invited:
      say_hello();
      break;
    default:
      step(Event::held);
  }
}

/// Messages of the user may be sent.
void Life::become_ready(Event event) {
  // The welcome stops it in a session.
  if (!connection_->has_session()) context().timers.stop(Timer::attempt);
  connection_->ready();
  step(event);
}

void Life::begin_close() {
  context().timers.stop(Timer::attempt);
  context().timers.stop(Timer::look);
  context().timers.stop(Timer::receipt);
  outbox_.flush(Outbox::Until::empty);
  context().timers.start(Timer::close, context().now() + context().settings.close_timeout);
  if (connection_->membership >= Membership::announced) outbox_.control('X', 0);
  end_session();
  shut(last_.code != close_code::no_status ? last_.code : 0, TextId::given_farewell);
  // Used unless the transport reports something else in time.
  last_ = {close_code::abnormal, 0, TextId::close_unanswered};
}

void Life::finish() {
  end_connection(/*may_repeat=*/false);
  end_session();
  ended_.is_undecided = false;
  context().timers.stop(Timer::session);
  context().timers.stop(Timer::retry);
  context().timers.stop(Timer::flush);
  watch(false);
  add_ending(CommandKind::close, last_);
  outbox_.drop_all(DropReason::closed);
}

/// The user ends the connection, or requests another one.
void Life::abort_connection() {
  end_connection(/*may_repeat=*/true);
  add_ending(CommandKind::close, last_);
}

void Life::end_connection(bool may_repeat) {
  outbox_.end(may_repeat);
  connection_.reset();
  // Attempts that fail do not prolong it.
  Timers& timers = context().timers;
  if (outbox_.session().has_begun && !timers.is_running(Timer::session)) {
    timers.start(Timer::session, context().now() + context().settings.session_ttl);
  }
}

void Life::wait_offline() {
  const double delay = whole((1 + context().moment.random) * offline_delay);
  retry_.at = larger(retry_.not_before, context().now() + delay);
}

void Life::schedule_retry() {
  context().timers.start(Timer::retry, larger(retry_.at, context().now()));
}

void Life::timer() {
  Timer due{};
  if (!context().timers.take_due(context().now(), due)) return;
  switch (due) {
    case Timer::attempt:
      attempt_overdue();
      break;
    case Timer::close:
      step(Event::ended);
      break;
    case Timer::drain:
      outbox_.look();
      break;
    case Timer::receipt:
      receipt_overdue();
      break;
    case Timer::look:
      look();
      break;
    case Timer::retry:
      step(is_inbound_full_ ? Event::retry_held : Event::retry_due);
      break;
    case Timer::flush:
      close_now();
      break;
    case Timer::expiry:
      outbox_.expire();
      break;
    case Timer::session:
      session_overdue();
      break;
  }
}

// --- The platform and the shell. ---

void Life::hint(Hint hint) {
  if (hint == Hint::offline) {
    is_offline_ = true;
    probe();
    step(Event::offline);
    return;
  }
  const bool is_between = waiting.has(phase_) || paused.has(phase_);
  if (hint == Hint::online) {
    is_offline_ = false;
    if (is_between) policy_.reset(context().now());
  }
  // inbound_drained() makes the attempt.
  if (is_between && is_inbound_full_) return;
  if (is_between && phase_ != Phase::suspended && context().now() < retry_.not_before) {
    retry_.at = retry_.not_before;
    schedule_retry();
    return;
  }
  if (connection_) connection_->woke_at = context().now();
  probe();
  step(Event::wake);
}

void Life::inbound_full() {
  if (!is_open()) return;
  is_inbound_full_ = true;
  fail({ErrorCode::inbound_overflow, TextId::inbound_overflow});
}

void Life::inbound_drained() {
  if (!std::exchange(is_inbound_full_, false)) return;
  if (phase_ == Phase::offline || phase_ == Phase::inbound_full) step(Event::resume);
}

// --- Reports. ---

void Life::report_state() {
  const State now = state();
  if (now == reported_) return;
  if (now == State::waiting || now == State::suspended || now == State::closed) {
    add_ending(CommandKind::last_close, last_);
  }
  const auto previous = static_cast<std::uint32_t>(std::exchange(reported_, now));
  Command& command =
      context().commands.add(CommandKind::state, static_cast<std::uint32_t>(now), previous);
  if (now == State::waiting) command.c = retry_.delay;
}

void Life::add_ending(CommandKind kind, const Ending& ending) {
  context().commands.add(kind, ending.code, ending.bits, static_cast<std::uint32_t>(ending.text));
}

State Life::state() const {
  return is_flushing() && phase_ != Phase::closed ? State::closing : state_of(phase_);
}

}  // namespace steady::kernel
