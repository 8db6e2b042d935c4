#include "connection.hpp"

#include <utility>

namespace steady::kernel {

Connection::~Connection() {
  context_.timers.stop_connection();
  if (has_transport_) context_.commands.add(CommandKind::abandon);
}

void Connection::dial() {
  has_transport_ = true;
  context_.commands.add(CommandKind::dial, attempt_);
}

void Connection::opened(bool takes_grants) {
  takes_grants_ = takes_grants;
  // In a session the server answers pings when it has the hello.
  if (!has_session() && context_.settings.pings != 0) begin_heartbeat();
}

void Connection::ready() {
  ready_at_ = context_.now();
  if (has_session()) begin_heartbeat();
}

void Connection::leave_session() {
  membership = Membership::none;
  heartbeat_.reset();
  context_.timers.stop(Timer::look);
  context_.timers.stop(Timer::receipt);
}

void Connection::begin_heartbeat() {
  has_heard = false;
  heartbeat_.emplace(context_.settings, context_.now());
  look_later();
}

void Connection::look_later() { context_.timers.start(Timer::look, heartbeat_->due()); }

bool Connection::look(Flow flow, TextId& dead) {
  // With a reply that is named, only that is an answer: see pong().
  const bool heard = std::exchange(has_heard, false) && !has_named_reply();
  switch (heartbeat_->look(context_.now(), heard, flow)) {
    case Heartbeat::Verdict::silent:
      dead = TextId::heartbeat_silent;
      return false;
    case Heartbeat::Verdict::stuck:
      dead = TextId::heartbeat_stuck;
      return false;
    case Heartbeat::Verdict::ping:
      look_later();
      return true;
    case Heartbeat::Verdict::wait:
      break;
  }
  look_later();
  return false;
}

bool Connection::probe() {
  if (!heartbeat_ || !heartbeat_->probe(context_.now())) return false;
  has_heard = false;
  look_later();
  return true;
}

double Connection::pong() {
  const double sample = heartbeat_->answered(context_.now());
  look_later();
  return sample;
}

void Connection::grant(std::uint32_t bits, double credit, bool is_new) {
  if (!is_new && bits == granted_ && credit == credit_) return;
  granted_ = bits;
  credit_ = credit;
  context_.commands.add(CommandKind::grant, bits).b = credit;
}

}  // namespace steady::kernel
