// What a Socket does for its kernel, and what it dispatches to its user.
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

}  // namespace

double Socket::Impl::input_at(const kernel::Moment& moment, const kernel::Input& input) {
  const double answer = feed_at(moment, input);
  drain();
  return answer;
}

double Socket::Impl::feed_at(const kernel::Moment& moment, const kernel::Input& input) {
  report_sent();
  return kernel_.give(moment, input);
}

/// What was sent within a grant comes before everything that happens now.
void Socket::Impl::report_sent() {
  Transport* const transport = platform_.transport();
  if (transport == nullptr || !transport->takes_grants()) return;
  std::vector<Payload> sent;
  transport->take_sent(sent);
  for (Payload& payload : sent) {
    const auto size = static_cast<double>(payload.size());
    const auto flags = static_cast<double>(payload.is_external() ? kernel::is_external : 0U);
    const std::uint32_t handle = payloads_.add(std::move(payload));
    kernel_.give({}, {InputKind::sent, static_cast<double>(handle), size, flags});
  }
}

/// Carries out what is commanded. A user's call that is made meanwhile, by `decide`, goes on with
/// it.
void Socket::Impl::drain() {
  kernel_.drain(
      is_gone_, [this](const Command& command) { carry_out(command); },
      [this] { feed({InputKind::again}); });
  if (!is_gone_) platform_.arm(kernel_->next_deadline());
}

void Socket::Impl::carry_out(const Command& command) {
  const auto [kind, a, b, c] = command;
  switch (static_cast<CommandKind>(kind)) {
    case CommandKind::open:
      events_.emplace<detail::OpenEvent>();
      break;
    case CommandKind::close:
      events_.emplace<detail::CloseEvent>(ending_of(command));
      break;
    case CommandKind::error:
      report({static_cast<ErrorCode>(a), texts_.of(static_cast<kernel::TextId>(b))});
      break;
    case CommandKind::last_close:
      last_close_ = ending_of(command);
      break;
    case CommandKind::state: {
      StateChange change{static_cast<State>(a), static_cast<State>(b), ms(c), {}};
      if (change.state == State::waiting || change.state == State::suspended ||
          change.state == State::closed) {
        change.last_close = last_close_;
      }
      events_.emplace<detail::StateEvent>(std::move(change));
      break;
    }
    case CommandKind::drop: {
      Payload& payload = payloads_.at(number(c));
      payload.keep();
      events_.emplace<detail::DropEvent>(
          Drop{number(a), static_cast<DropReason>(b), std::move(payload)});
      break;
    }
    case CommandKind::outcome:
      events_.emplace<detail::OutcomeEvent>(Outcome{number(a), static_cast<DropReason>(b)});
      break;
    case CommandKind::drained: {
      auto event = drained_.pop();
      const auto code = static_cast<ErrorCode>(a);
      if (code != ErrorCode::none) {
        static_cast<detail::DrainedEvent&>(*event).error = {
            code, texts_.of(kernel::TextId::socket_closed)};
      }
      events_.push(std::move(event));
      break;
    }
    case CommandKind::provide:
      events_.emplace<detail::ProvideQuestion>(number(a));
      break;
    case CommandKind::greet:
      events_.emplace<detail::GreetQuestion>(number(a));
      break;
    case CommandKind::decide:
      decide(ending_of(command));
      break;
    case CommandKind::dial:
      dial(number(a));
      break;
    case CommandKind::transmit:
      transmit(number(a), number(b));
      break;
    case CommandKind::shut:
      if (Transport* const transport = platform_.transport()) {
        transport->close(static_cast<std::uint16_t>(a), texts_.farewell);
      }
      break;
    case CommandKind::abandon:
      platform_.abandon();
      break;
    case CommandKind::watch:
      platform_.watch(a != 0);
      break;
    case CommandKind::grant:
      grant(number(a), b);
      break;
    case CommandKind::release:
      payloads_.release(number(a));
      break;
    case CommandKind::defer:
      is_deferred_ = true;
      post_turn();
      break;
    case CommandKind::again:
      // KernelPort does.
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

/// Sends a message with those that were commanded to join it.
void Socket::Impl::transmit(std::uint32_t handle, std::uint32_t bits) {
  frame_.push_back(handle);
  if ((bits & kernel::frame_continues) != 0) return;
  const TransportSend result = send_frame((bits & kernel::in_batch) != 0);
  if (result != TransportSend::taken) {
    for (const std::uint32_t one : frame_) {
      const double answer = feed({InputKind::not_transmitted, static_cast<double>(one),
                                  result == TransportSend::refused ? 1.0 : 0.0});
      if (sending_ != 0 && answer != 0) answer_ = answer;
    }
  }
  frame_.clear();
}

TransportSend Socket::Impl::send_frame(bool is_batch) {
  Transport* const transport = platform_.transport();
  if (transport == nullptr) return TransportSend::not_open;
  if (frame_.front() == kernel::first_message_handle) {
    return transport->send(Payload::borrowed(MessageKind::text, *first_message_));
  }
  if (frame_.front() == kernel::ping_handle) {
    return transport->send(Payload::borrowed(MessageKind::text, options_.heartbeat->message));
  }
  const Payload& first = payloads_.at(frame_.front());
  if (!is_batch) return transport->send(first);
  std::vector<const Payload*> payloads;
  payloads.reserve(frame_.size());
  for (const std::uint32_t one : frame_) payloads.push_back(&payloads_.at(one));
  return first.is_external() ? transport->send_batch(payloads)
                             : transport->send(first.join()(payloads));
}

void Socket::Impl::grant(std::uint32_t bits, double credit) {
  Transport* const transport = platform_.transport();
  if (transport == nullptr) return;
  transport->grant({.receive = (bits & kernel::grant_receive) != 0,
                    .batched = (bits & kernel::grant_batched) != 0,
                    .send_credit = static_cast<std::size_t>(credit),
                    .seeks_reply = (bits & kernel::grant_seeks_reply) != 0});
}

/// `decide` may call any method of the socket, and destroy it.
void Socket::Impl::decide(const CloseInfo& info) {
  const double action = ask_to_decide(info);
  if (!is_gone_) feed({InputKind::decided, action});
}

/// What is thrown ends the program: see Socket.
double Socket::Impl::ask_to_decide(const CloseInfo& info) const noexcept {
  const auto action = options_.reconnect.decide(info);
  return action ? static_cast<double>(*action) : -1;
}

// --- Events: collected by calls, dispatched from the event loop, in order. ---

void Socket::Impl::report(const Error& error) {
  error_ = error;
  events_.emplace<detail::ErrorEvent>(error);
}

/// At the end of every call.
void Socket::Impl::settle() {
  if (is_gone_) return;
  Transport* const transport = platform_.transport();
  const bool reads_all = receiver_.is_reading() || !events_.empty();
  if (transport != nullptr && transport->takes_grants() &&
      std::exchange(reads_all_, reads_all) != reads_all) {
    input({InputKind::read_all, reads_all ? 1.0 : 0.0});
  }
  if (!events_.empty()) post_turn();
}

/// When this task is over: sends what waits for that, and dispatches events.
void Socket::Impl::post_turn() {
  if (is_turn_posted_ || is_delivering_) return;
  is_turn_posted_ = true;
  // Unlike a timer it cannot be cancelled.
  platform_.runtime().post([self = Hold(*this)] {
    self->is_turn_posted_ = false;
    if (self->is_gone_) return;
    if (std::exchange(self->is_deferred_, false)) self->input({InputKind::task_over});
    self->deliver();
  });
}

/// The caller holds this object alive.
void Socket::Impl::deliver() {
  if (is_delivering_ || is_gone_) return;
  is_delivering_ = true;
  // What a handler makes happen is dispatched in the next turn: one that sends again whatever was
  // dropped must not stop the event loop.
  for (std::size_t left = events_.size(); left > 0 && !events_.empty(); --left) {
    auto event = events_.pop();
    if (!event->is_event(*this)) continue;
    if (listener_ != nullptr) event->tell(*listener_);
    if (options_.dispatch == Dispatch::queued) {
      receiver_.keep(std::move(event), has_handlers_);
    } else {
      call_handlers(*event);
    }
  }
  is_delivering_ = false;
  if (is_deferred_) post_turn();
  settle();
}

void Socket::Impl::call_handlers(detail::Event& event) {
  event.run();
  event.tell(handlers_);
}

void Socket::Impl::ask_for_details(Generation attempt) {
  if (!kernel_->is_asking(attempt)) return;
  options_.provider(ConnectReply(detail::AttemptRef(*this, attempt)));
}

void Socket::Impl::ask_to_greet(Generation attempt) {
  if (!kernel_->is_greeting(attempt)) return;
  options_.begin_session(Session(detail::AttemptRef(*this, attempt)));
}

// --- Receiving. ---

bool Socket::Impl::seeks_reply() const {
  return options_.heartbeat && !options_.heartbeat->reply.empty() && kernel_->awaits_pong();
}

void Socket::Impl::inbound_full() { input({InputKind::inbound_full}); }

void Socket::Impl::inbound_drained() { input({InputKind::inbound_drained}); }

}  // namespace steady
