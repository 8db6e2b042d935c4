// Socket::Impl: carries out the kernel's commands and dispatches events to the user.
#include <string>
#include <utility>

#include "socket_impl.hpp"

namespace steady {

using kernel::Command;
using kernel::CommandKind;
using kernel::InputKind;
using std::chrono::milliseconds;

namespace {

std::uint32_t number(double value) { return static_cast<std::uint32_t>(value); }

milliseconds ms(double value) { return milliseconds(static_cast<std::int64_t>(value)); }

/// Error of Socket::delivered.
Error undelivered(ErrorCode code) {
  switch (code) {
    case ErrorCode::none:
      return {};
    case ErrorCode::session_unsupported:
      return {code, "the connection has no session"};
    default:
      return {code, "the session ended before everything was delivered"};
  }
}

/// Says why a close code has ended the socket. `rule`: see CommandKind::verdict.
std::string fatal_close_text(const CloseInfo& close, kernel::DecidedBy by, std::uint32_t rule) {
  const std::string code = std::to_string(close.code);
  std::string text = "the connection was closed with " + code;
  if (!close.reason.empty()) text += " (" + close.reason + ")";
  if (by == kernel::DecidedBy::decide) return text + ": ReconnectOptions::decide ends the socket";
  text += by == kernel::DecidedBy::rule ? ": your rule " : ": the default rule ";
  text += std::to_string(rule >> 16) + "-" + std::to_string(rule & 0xffff);
  text += ", CloseAction::fatal, ends the socket; to retry, add to ReconnectOptions::rules: {";
  return text + code + ", " + code + ", CloseAction::retry}";
}

}  // namespace

double Socket::Impl::input_at(const kernel::Moment& moment, const kernel::Input& input) {
  const double answer = feed_at(moment, input);
  drain();
  return answer;
}

double Socket::Impl::feed_at(const kernel::Moment& moment, const kernel::Input& input) {
  report_sent(moment);
  if (!options_.session) return kernel_.give(moment, input);
  kernel::Moment with_received = moment;
  with_received.received = session_.received();
  return kernel_.give(with_received, input);
}

/// Messages sent within a grant precede the current input.
void Socket::Impl::report_sent(const kernel::Moment& moment) {
  Transport* const transport = platform_.transport();
  if (transport == nullptr) return;
  std::vector<Payload> sent;
  transport->take_sent(sent);
  if (outgoing_.has_sent()) {
    const double buffered =
        moment.buffered < 0 ? static_cast<double>(transport->buffered_amount()) : moment.buffered;
    outgoing_.take_sent(buffered, sent);
  }
  // In a session they have the numbers before the next.
  double number = session_.is_agreed() ? session_.next() - static_cast<double>(sent.size()) : 0;
  for (Payload& payload : sent) {
    const auto size = static_cast<double>(payload.size());
    const auto flags = static_cast<double>(payload.is_external() ? kernel::is_external : 0U);
    const std::uint32_t handle = outgoing_.payloads().add(std::move(payload));
    kernel_.give({}, {InputKind::sent, static_cast<double>(handle), size, flags, number});
    if (session_.is_agreed()) ++number;
  }
}

/// Carries out the commands. May be re-entered by calls of the user inside `decide`, which continue
/// with the remaining commands.
void Socket::Impl::drain() {
  kernel_.drain(
      is_gone_, [this](const Command& command) { carry_out(command); },
      [this] { change_answer(feed({InputKind::again})); });
  if (!is_gone_) platform_.arm(kernel_->next_deadline());
}

void Socket::Impl::carry_out(const Command& command) {
  const auto [kind, a, b, c] = command;
  switch (static_cast<CommandKind>(kind)) {
    case CommandKind::open:
      events_.add<detail::OpenEvent>();
      break;
    case CommandKind::close:
      events_.add<detail::CloseEvent>(ending_of(command));
      break;
    case CommandKind::error: {
      const auto text = static_cast<kernel::TextId>(b);
      Error error{static_cast<ErrorCode>(a), texts_.of(text)};
      if (text == kernel::TextId::given_error) error.response = texts_.response;
      report(error);
      break;
    }
    case CommandKind::last_close:
      last_close_ = ending_of(command);
      break;
    case CommandKind::verdict:
      if (log_) {
        log_->decided(static_cast<kernel::DecidedBy>(a), static_cast<CloseAction>(b), number(c));
      }
      if (static_cast<CloseAction>(b) == CloseAction::fatal) {
        texts_.verdict =
            fatal_close_text(last_close_, static_cast<kernel::DecidedBy>(a), number(c));
      }
      break;
    case CommandKind::state: {
      StateChange change{static_cast<State>(a), static_cast<State>(b), ms(c), {}};
      if (change.state == State::waiting || change.state == State::suspended ||
          change.state == State::closed) {
        change.last_close = last_close_;
      }
      events_.add<detail::StateEvent>(std::move(change));
      break;
    }
    case CommandKind::drop: {
      Payload& payload = outgoing_.payloads().at(number(c));
      payload.keep();
      events_.add<detail::DropEvent>(
          Drop{number(a), static_cast<DropReason>(b), std::move(payload)});
      break;
    }
    case CommandKind::outcome:
      events_.add<detail::OutcomeEvent>(Outcome{number(a), static_cast<DropReason>(b), c != 0});
      break;
    case CommandKind::drained: {
      const auto code = static_cast<ErrorCode>(a);
      events_.answer_drained(code == ErrorCode::none
                                 ? Error{}
                                 : Error{code, texts_.of(kernel::TextId::socket_closed)});
      break;
    }
    case CommandKind::delivered:
      events_.answer_delivered(undelivered(static_cast<ErrorCode>(a)));
      break;
    case CommandKind::session:
      events_.add<detail::SessionEvent>(
          SessionChange{static_cast<SessionState>(a), std::exchange(texts_.session_reason, {})});
      break;
    case CommandKind::provide:
      events_.add<detail::ProvideQuestion>(number(a));
      break;
    case CommandKind::greet:
      events_.add<detail::GreetQuestion>(number(a));
      break;
    case CommandKind::decide:
      decide(ending_of(command));
      break;
    case CommandKind::dial:
      dial(number(a));
      break;
    case CommandKind::transmit:
      transmit(number(a), number(b), c);
      break;
    case CommandKind::hello:
      if (c != 0) receiver_.begin_numbers();
      send_control(session_.hello(a, b, c != 0, platform_.runtime()));
      break;
    case CommandKind::control: {
      // Only an answer has the clock.
      const double clock =
          a == '!' ? static_cast<double>(platform_.runtime().wall_clock().count()) : 0;
      std::string frame = session_.control(static_cast<char>(a), b, c, clock);
      const std::string& reason = texts_.close_frame_reason;
      if (a == 'X' && !reason.empty()) frame += ' ' + reason;
      send_control(frame);
      break;
    }
    case CommandKind::shut:
      if (Transport* const transport = platform_.transport()) {
        transport->close(static_cast<std::uint16_t>(a), texts_.of(static_cast<kernel::TextId>(b)));
      }
      break;
    case CommandKind::abandon:
      platform_.abandon();
      outgoing_.end_connection();
      session_.end_connection();
      break;
    case CommandKind::watch:
      platform_.watch(a != 0);
      break;
    case CommandKind::grant:
      grant(number(a), b);
      break;
    case CommandKind::release:
      outgoing_.payloads().release(number(a));
      break;
    case CommandKind::defer:
      post_turn();
      break;
    case CommandKind::again:
      // Handled by KernelPort::drain.
      break;
  }
}

CloseInfo Socket::Impl::ending_of(const Command& command) const {
  const std::uint32_t bits = number(command.b);
  return {static_cast<std::uint16_t>(command.a), texts_.of(static_cast<kernel::TextId>(command.c)),
          (bits & kernel::was_clean) != 0, (bits & kernel::will_retry) != 0};
}

void Socket::Impl::dial(Generation attempt) {
  request_.generation = attempt;
  Error error = platform_.dial(request_);
  if (!error) return;
  texts_.failure = error.message;
  const auto code = static_cast<double>(error.code);
  open_error_ = std::move(error);
  feed({InputKind::open_failed, static_cast<double>(attempt), code});
}

/// Adds a message to the current frame, and sends the frame if it is complete.
void Socket::Impl::transmit(std::uint32_t handle, std::uint32_t bits, double number) {
  if (!outgoing_.add(handle, bits, number)) return;
  const TransportSend result = outgoing_.send(platform_.transport());
  if (result != TransportSend::taken) {
    const double is_rejected = result == TransportSend::refused ? 1 : 0;
    for (const std::uint32_t one : outgoing_.frame()) {
      change_answer(feed({InputKind::not_transmitted, static_cast<double>(one), is_rejected}));
    }
  }
  outgoing_.end_frame();
}

/// Replaces the return value of the current send(). `answer` is 0 if it does not change.
void Socket::Impl::change_answer(double answer) {
  if (sending_.handle != 0 && answer != 0) sending_.answer = answer;
}

void Socket::Impl::grant(std::uint32_t bits, double credit) {
  Transport* const transport = platform_.transport();
  if (transport == nullptr) return;
  if (!transport->takes_grants() || session_.is_agreed()) {
    outgoing_.set_credit(credit);
    return;
  }
  transport->grant({.receive = (bits & kernel::grant_receive) != 0,
                    .batched = (bits & kernel::grant_batched) != 0,
                    .send_credit = static_cast<std::size_t>(credit),
                    .seeks_reply = (bits & kernel::grant_seeks_reply) != 0});
}

/// ReconnectOptions::decide may call any method of the socket, and destroy it.
void Socket::Impl::decide(const CloseInfo& info) {
  const double action = ask_to_decide(info);
  if (!is_gone_) feed({InputKind::decided, action});
}

/// noexcept: an exception of `decide` ends the program, as documented at Socket.
double Socket::Impl::ask_to_decide(const CloseInfo& info) const noexcept {
  const auto action = options_.reconnect.decide(info);
  return action ? static_cast<double>(*action) : -1;
}

// --- Events: added during calls, dispatched from the event loop, in order. ---

void Socket::Impl::report(const Error& error) {
  error_ = error;
  events_.add<detail::ErrorEvent>(error);
}

/// Called at the end of every call: schedules the dispatch of events.
void Socket::Impl::after_call() {
  if (is_gone_) return;
  Transport* const transport = platform_.transport();
  const bool reads_all = receiver_.is_reading() || !events_.empty();
  if (transport != nullptr && transport->takes_grants() && kernel_->reads_all() != reads_all) {
    input({InputKind::read_all, reads_all ? 1.0 : 0.0});
  }
  if (!events_.empty()) post_turn();
}

/// Posts a task that sends deferred messages and dispatches events.
void Socket::Impl::post_turn() {
  if (is_turn_posted_ || events_.is_busy()) return;
  is_turn_posted_ = true;
  // A posted task cannot be cancelled, so it keeps this object alive.
  platform_.runtime().post([self = Hold(*this)] {
    self->is_turn_posted_ = false;
    if (self->is_gone_) return;
    if (self->kernel_->is_deferred()) self->input({InputKind::task_over});
    self->deliver();
  });
}

/// The caller must hold a reference to this object.
void Socket::Impl::deliver() {
  if (events_.is_busy() || is_gone_) return;
  events_.dispatch();
  if (kernel_->is_deferred()) post_turn();
  after_call();
}

void Socket::Impl::ask_for_details(Generation attempt) {
  if (!kernel_->is_asking(attempt)) return;
  options_.provider(ConnectReply(detail::AttemptRef(*this, attempt)));
}

void Socket::Impl::ask_to_greet(Generation attempt) {
  if (!kernel_->is_greeting(attempt)) return;
  options_.greet(Greeting(detail::AttemptRef(*this, attempt)));
}

// --- Receiving. ---

bool Socket::Impl::seeks_reply() const {
  return options_.heartbeat && !options_.heartbeat->reply.empty() && !session_.is_agreed() &&
         kernel_->awaits_pong();
}

void Socket::Impl::inbound_full() { input({InputKind::inbound_full}); }

void Socket::Impl::inbound_drained() { input({InputKind::inbound_drained}); }

}  // namespace steady
