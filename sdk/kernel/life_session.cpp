// The session of a socket, over its connections: docs/design/session-protocol.md.
#include "life.hpp"

#include "steady/close_code.hpp"

namespace steady::kernel {

namespace {

/// Close code of a violation of the protocol.
constexpr std::uint16_t malformed_code = 4400;

}  // namespace

/// A connection has opened. False if it has failed because it has no session.
bool Life::accept_session(bool is_agreed) {
  if (context().settings.sessions == 0) return true;
  if (is_agreed) {
    connection_->membership = Membership::agreed;
    return true;
  }
  if (outbox_.session().has_begun) lose_session(SessionState::lost);
  ++outbox_.session().count;
  report_session(SessionState::unsupported);
  if (context().settings.session_required == 0) return true;
  fail({ErrorCode::session_unsupported, TextId::session_unsupported});
  return false;
}

void Life::control(const Input& input) {
  // After an X nothing concerns the session any more.
  if (!is_open() || !connection_->has_session()) return;
  connection_->has_heard = true;
  if (control_frame(input)) return;
  shut(malformed_code, TextId::session_malformed);
  context().report_error(ErrorCode::session_failed, TextId::session_malformed);
  connection_ended({malformed_code, 0, TextId::session_malformed}, -1);
}

/// False if the frame is malformed, or not allowed at this point.
bool Life::control_frame(const Input& input) {
  Session& session = outbox_.session();
  const Membership membership = connection_->membership;
  const bool is_member = membership == Membership::member;
  switch (static_cast<char>(input.b)) {
    case 'G':
      if (membership != Membership::agreed) return false;
      connection_->membership = Membership::invited;
      if (phase_ == Phase::joining) say_hello();
      return true;
    case 'W':
      // c: 1 if the epoch is that of the hello. d: number of the last frame that was handled. e:
      // the same for the epoch of the hello if it is another, negative if unknown.
      if (membership != Membership::announced) return false;
      if (input.c != 0 ? input.d >= session.next() : input.d > 0 || input.e >= session.next()) {
        return false;
      }
      welcome(input.c != 0, input.d, input.e);
      return true;
    case 'A':
      // c: number of the last frame that was handled. d, e: the same as a and b of `spent`.
      session.pass(input.d, input.e);
      if (!is_member || input.c >= session.next()) return false;
      connection_->has_progress = true;
      session.acknowledge(input.c);
      outbox_.flush(Outbox::Until::high_water);
      return true;
    case '?':
      // c: number of the question.
      if (!is_member) return false;
      outbox_.receipts().acknowledged();
      outbox_.control('!', input.c, outbox_.receipts().received());
      return true;
    case '!':
      return is_member && answer_probe(input);
    case 'X':
      session_ended(/*is_own=*/membership >= Membership::announced);
      return true;
    default:
      return false;
  }
}

void Life::say_hello() {
  Session& session = outbox_.session();
  connection_->membership = Membership::announced;
  const bool is_new = !session.has_begun;
  session.has_begun = true;
  outbox_.receipts().begin(is_new ? 0 : outbox_.receipts().received());
  Command& hello = context().commands.add(CommandKind::hello, attempts_, 0, is_new ? 1 : 0);
  hello.b = outbox_.receipts().received();
  if (!is_new) {
    step(Event::rejoined);
    return;
  }
  outbox_.number();
  become_ready(Event::greeted);
  probe();
}

void Life::welcome(bool is_same, double handled, double handled_before) {
  Session& session = outbox_.session();
  connection_->membership = Membership::member;
  context().timers.stop(Timer::attempt);
  context().timers.stop(Timer::session);
  const SessionState state = !is_same           ? SessionState::lost
                             : session.is_known ? SessionState::resumed
                                                : SessionState::new_;
  if (is_same) {
    session.acknowledge(handled);
  } else {
    // Behind a first hello the server has ignored everything.
    if (phase_ == Phase::ready) handled_before = larger(handled_before, 0.0);
    outbox_.end_session(/*may_repeat=*/true, handled_before);
    session.has_begun = true;
    outbox_.receipts().begin(0);
  }
  session.is_known = true;
  report_session(state);
  // Behind a first hello, messages with the numbers from 1 were sent already.
  if (phase_ != Phase::ready || !is_same) {
    const Message* const first = session.unsent();
    outbox_.number();
    outbox_.control('@', first != nullptr ? first->number : session.next());
  }
  if (phase_ == Phase::ready) {
    outbox_.flush(Outbox::Until::high_water);
  } else {
    become_ready(Event::welcomed);
    probe();
  }
  // Handled while the hello was on its way.
  if (outbox_.receipts().received() >= outbox_.receipts().due()) received(false);
}

/// The session has ended, and another one begins with the next hello.
void Life::lose_session(SessionState state, double handled) {
  outbox_.end_session(/*may_repeat=*/true, handled);
  context().timers.stop(Timer::session);
  report_session(state);
}

/// The user has ended it.
void Life::end_session() {
  if (!outbox_.session().has_begun) return;
  outbox_.end_session(/*may_repeat=*/false);
  report_session(SessionState::ended);
}

/// It was without a connection for too long. A server that is about to answer decides.
void Life::session_overdue() {
  if (connection_ && connection_->has_session()) {
    context().timers.start(Timer::session, context().now() + context().settings.connect_timeout);
  } else if (outbox_.session().has_begun) {
    lose_session(SessionState::lost);
  }
}

/// The server has ended it: the connection is closed, and another session may begin on the next.
/// `is_own`: the server knows which session it is.
void Life::session_ended(bool is_own) {
  connection_->leave_session();
  outbox_.hold();
  if (is_own) lose_session(SessionState::ended);
  context().timers.start(Timer::attempt, context().now() + context().settings.close_timeout);
  shut(close_code::normal, TextId::none);
  step(Event::held);
}

/// c: number of the question. d: number of the last frame that was handled. e: the server's clock.
bool Life::answer_probe(const Input& input) {
  Session& session = outbox_.session();
  if (input.d >= session.next()) return false;
  if (connection_->awaits_pong() && input.c == probes_) {
    session.acknowledge(input.d);
    pong();
    measure_clock(input.e);
  }
  outbox_.flush(Outbox::Until::high_water);
  return true;
}

/// The server's clock was `time` at some moment of the last round trip.
void Life::measure_clock(double time) {
  const auto& [last, smoothed, jitter] = round_trip_;
  const double sample = time + last / 2 - context().now();
  if (clock_offset_ < 0) clock_offset_ = sample;
  // Samples that took longer than usual say less.
  if (last <= smoothed + jitter) clock_offset_ += (sample - clock_offset_) / 8;
  // Outside of these bounds the offset is wrong, whatever came before: the first answer was slow,
  // or a clock was set. Both clocks count whole milliseconds.
  const double error = last / 2 + 1;
  clock_offset_ = smaller(larger(clock_offset_, sample - error), sample + error);
}

// --- Acknowledgements. ---

void Life::received(bool has_many_bytes) {
  if (!is_open() || connection_->membership != Membership::member) return;
  if (outbox_.receipts().ask(has_many_bytes)) outbox_.acknowledge();
  context().timers.start(Timer::receipt, context().now() + Receipts::delay);
}

void Life::receipt_overdue() {
  if (!outbox_.receipts().is_overdue()) return;
  outbox_.acknowledge();
  context().timers.start(Timer::receipt, context().now() + Receipts::delay);
}

}  // namespace steady::kernel
