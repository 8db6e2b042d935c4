#include "kernel.hpp"

#include <utility>

#include "arithmetic.hpp"

namespace steady::kernel {

namespace {

/// Milliseconds between readings of a buffer that is not empty: browsers have no event for it.
constexpr double drain_interval = 20;

std::uint32_t number(double value) { return static_cast<std::uint32_t>(value); }

}  // namespace

double Kernel::input(const Moment& moment, const Input& input) {
  const double now = moment.now < 0 ? context().now() : whole(moment.now);
  context().moment = moment;
  context().moment.now = now;
  // Otherwise this input comes while the shell carries commands out.
  if (context().commands.size() == 0) context().commanded = 0;
  if (moment.has_heard) life_.heard();
  if (moment.received >= 0) outbox().receipts().receive(moment.received);
  if (input.kind != InputKind::not_transmitted) outbox().forget_newest();
  const double answer = call(input);
  if (input.kind != InputKind::sent) after_call();
  return answer;
}

double Kernel::call(const Input& input) {
  if (input.kind <= InputKind::delivered) return user_call(input);
  if (input.kind <= InputKind::message) {
    const double answer = is_current(input.a) ? life_.attempt_input(input) : 0;
    if (input.kind == InputKind::greeting && answer == 0) {
      context().commands.add(CommandKind::release, number(input.b));
    }
    return answer;
  }
  return shell_call(input);
}

/// Calls of the user.
double Kernel::user_call(const Input& input) {
  switch (input.kind) {
    case InputKind::start:
      life_.start(static_cast<ErrorCode>(input.a), input.b != 0);
      return 0;
    case InputKind::connect:
      return static_cast<double>(life_.request(Event::connect));
    case InputKind::suspend:
      return static_cast<double>(life_.request(Event::suspend));
    case InputKind::resume:
      return static_cast<double>(life_.request(Event::resume));
    case InputKind::reconnect:
      life_.reconnect(static_cast<std::uint16_t>(input.a));
      return 0;
    case InputKind::close:
      return life_.close(static_cast<std::uint16_t>(input.a), input.b);
    case InputKind::send:
      return send(input);
    case InputKind::cancel:
      return outbox().cancel(number(input.a));
    case InputKind::answered:
      return outbox().answered(number(input.a));
    case InputKind::drained:
      ++drains_;
      return 0;
    default:
      await_delivery();
      return 0;
  }
}

double Kernel::send(const Input& input) {
  const std::uint32_t handle = number(input.a);
  if (!life_.is_over()) {
    return outbox().send(handle, input.b, number(input.c), input.d, number(input.e));
  }
  constexpr auto reason = static_cast<std::uint32_t>(DropReason::closed);
  context().commands.add(CommandKind::drop, 0, reason, handle);
  context().commands.add(CommandKind::release, handle);
  return -static_cast<double>(reason);
}

/// Reports of the platform and the shell.
double Kernel::shell_call(const Input& input) {
  switch (input.kind) {
    case InputKind::decided:
      life_.decided(static_cast<int>(input.a));
      break;
    case InputKind::not_transmitted:
      return outbox().not_transmitted(number(input.a), input.b != 0);
    case InputKind::again:
      is_unfinished_ = false;
      return outbox().go_on();
    case InputKind::task_over:
      is_deferred_ = false;
      if (outbox().has_open_frame()) outbox().flush(Outbox::Until::high_water);
      break;
    case InputKind::sent:
      outbox().sent(number(input.a), input.b, number(input.c), input.d);
      break;
    case InputKind::received:
      life_.received(input.a != 0);
      break;
    case InputKind::spent:
      outbox().session().pass(input.a, input.b);
      outbox().end_credit();
      break;
    case InputKind::timer:
      life_.timer();
      break;
    case InputKind::hint:
      life_.hint(static_cast<Hint>(input.a));
      break;
    case InputKind::pong:
      life_.pong();
      break;
    case InputKind::read_all:
      reads_all_ = input.a != 0;
      break;
    case InputKind::inbound_full:
      life_.inbound_full();
      break;
    default:
      life_.inbound_drained();
      break;
  }
  return 0;
}

/// The connection has no session, and no other one is about to follow.
bool Kernel::lacks_session() {
  return context().settings.sessions == 0 ||
         (life_.is_open() && !life_.connection()->has_session() && life_.phase() != Phase::joining);
}

void Kernel::await_delivery() {
  if (lacks_session()) {
    context().commands.add(CommandKind::delivered,
                           static_cast<std::uint32_t>(ErrorCode::session_unsupported));
    return;
  }
  deliveries_.add(outbox());
  life_.probe();
}

// --- The end of every call. ---

void Kernel::after_call() {
  if (life_.phase() == Phase::closed) {
    report_drained(ErrorCode::invalid_state);
  } else if (life_.phase() != Phase::deciding && (life_.is_flushing() || drains_ > 0) &&
             outbox().is_idle()) {
    report_drained(ErrorCode::none);
    if (life_.is_flushing() && outbox().is_settled()) life_.flushed();
  }
  ErrorCode result{};
  const bool is_over = (Phase::closing | Phase::closed).has(life_.phase());
  while (deliveries_.take(outbox(), is_over, result)) {
    if (result != ErrorCode::none && lacks_session()) result = ErrorCode::session_unsupported;
    context().commands.add(CommandKind::delivered, static_cast<std::uint32_t>(result));
  }
  if (outbox().take_question()) life_.probe();
  update_grant();
  watch_outbox();
  if (outbox().has_open_frame() && !std::exchange(is_deferred_, true)) {
    context().commands.add(CommandKind::defer);
  }
  if (outbox().take_unfinished() && !std::exchange(is_unfinished_, true)) {
    context().commands.add(CommandKind::again);
  }
}

void Kernel::report_drained(ErrorCode error) {
  for (; drains_ > 0; --drains_) {
    context().commands.add(CommandKind::drained, static_cast<std::uint32_t>(error));
  }
}

void Kernel::watch_outbox() {
  Timers& timers = context().timers;
  if (life_.is_open() && !timers.is_running(Timer::drain) &&
      (outbox().is_waiting_for_platform() || life_.is_flushing() || drains_ > 0)) {
    timers.start(Timer::drain, context().now() + drain_interval);
  }
  timers.start(Timer::expiry, outbox().next_expiry());
}

/// See steady::Grant.
void Kernel::update_grant() {
  Connection* const connection = life_.connection();
  if (connection == nullptr || !connection->takes_grants()) return;
  const bool is_open = life_.is_open();
  const bool awaits = connection->awaits_pong();
  const bool is_named = connection->has_named_reply();
  std::uint32_t bits = 0;
  if (is_open) {
    // The answer to a ping must be seen when it arrives, if any message may be the answer.
    if (!reads_all_ && (!awaits || is_named)) bits |= grant_receive;
    if (outbox().is_batching()) bits |= grant_batched;
    if (awaits && is_named && !connection->has_session()) bits |= grant_seeks_reply;
  }
  Outbox::Credit credit;
  // After a message as large as a whole credit the next input is soon enough to read the amount.
  const bool is_unknown = outbox().needs_reading() && context().commanded > 0;
  if (is_open && !life_.is_flushing() && !is_unknown) {
    credit = outbox().credit(bits != connection->granted());
    // Without a new credit some of the old one may be left.
    if (!credit.is_new && outbox().has_credit()) credit.bytes = connection->credit();
  }
  connection->grant(bits, credit.bytes, credit.is_new);
}

// --- Readings. ---

double Kernel::retry_in(double now) const {
  if (!waiting.has(life_.phase())) return -1;
  return larger(0.0, life_.retry_at() - whole(now));
}

std::uint32_t Kernel::retries(double now) const {
  const Connection* const connection = life_.connection();
  return connection && connection->is_stable(whole(now)) ? 0 : life_.policy().retries();
}

}  // namespace steady::kernel
