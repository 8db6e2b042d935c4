#include "life.hpp"

#include <utility>

namespace model {

using steady::CloseAction;
using steady::DropReason;
using steady::ErrorCode;
using steady::State;

void Life::listen() {
  steady::Socket& socket = *socket_;
  keep(socket.on_open([this] {
    observe("open");
    act_inside();
  }));
  keep(socket.on_close([this](const steady::CloseInfo& info) {
    observe("close " + std::to_string(info.code) + (info.will_retry ? ", retry" : ""));
    act_inside();
  }));
  keep(socket.on_error([this](const steady::Error& error) {
    observe(to_string(error.code));
    // Unless a handler has already called reconnect().
    if (error.code == ErrorCode::gave_up && socket_->state() == State::closed) {
      attempts_.gave_up();
    }
    if (error.code == ErrorCode::fatal_close) attempts_.fatal_reported();
    if (error.code == ErrorCode::gave_up || error.code == ErrorCode::blocked ||
        error.code == ErrorCode::not_supported) {
      attempts_.refused();
    }
    act_inside();
  }));
  keep(socket.on_state_change([this](const steady::StateChange& change) {
    observe(to_string(change.state));
    expect(change.previous == reported_state_, "states are reported in order");
    expect(change.state != change.previous, "a state change has different states");
    reported_state_ = change.state;
    act_inside();
  }));
  keep(socket.on_drop([this](const steady::Drop& drop) {
    observe(std::string(to_string(drop.reason)) + " " + std::string(drop.payload.data()));
    const bool waited = mail_.drop_reported(drop);
    look();
    expect(!waited || drop.reason != DropReason::closed || !flush_is_known_ ||
               runtime_.now() >= *flush_until_ || attempts_.was_refused() ||
               options_.reconnect.max_attempts == 0,
           "a flush drops no message before its deadline");
    act_inside();
  }));
  keep(socket.on_outcome([this](const steady::Outcome& outcome) {
    observe("outcome of " + std::to_string(outcome.id) + ": " + to_string(outcome.reason));
    mail_.outcome_reported(outcome);
    act_inside();
  }));
  if (random_.one_in(2)) read_messages();
}

void Life::read_messages() {
  keep(socket_->on_message([this](const steady::Message& message) {
    observe("message");
    expect(delivering_, "messages are dispatched as they arrive");
    // If the first handler of a message closes, the others still receive it.
    if (std::exchange(dispatched_, message.data.data()) != message.data.data()) {
      expect(socket_->is_receiving(), "messages are dispatched while open or flushing");
    }
    act_inside();
  }));
}

void Life::observe(const std::string& event) {
  trace("event " + event);
  expect(socket_ != nullptr, "no event is reported after the destruction");
  expect(!calling_, "no handler runs inside a call");
  look();
}

std::optional<CloseAction> Life::decide(const steady::CloseInfo& info) {
  observe("decide? " + std::to_string(info.code));
  attempts_.decide_called(info);
  act_inside();
  std::optional<CloseAction> action;
  if (random_.one_in(2)) {
    action = random_.pick({CloseAction::retry, CloseAction::retry, CloseAction::at_once,
                           CloseAction::at_once, CloseAction::later, CloseAction::fatal});
    trace("decides " + std::to_string(static_cast<int>(*action)));
  }
  // Calls of the user in decide() take precedence.
  if (!socket_) return action;
  const State state = socket_->state();
  if (state == State::waiting || state == State::closing) attempts_.decided(info, action);
  return action;
}

void Life::provide(const steady::ConnectReply& reply) {
  observe("provide?");
  replies_.push_back({reply, attempts_.provider_called()});
  act_inside();
  if (random_.one_in(2)) answer(replies_.back());
}

void Life::greet(const steady::Greeting& greeting) {
  observe("greet?");
  expect(has_connection(), "a greeting has a connection");
  mail_.greeting_begins();
  greetings_.push_back({greeting, runtime_.transports()});
  act_inside();
  if (random_.one_in(2)) send_first(greetings_.back());
  if (random_.one_in(2)) ready(greetings_.back());
}

void Life::drained_reported(std::size_t number, const steady::Error& error) {
  observe(std::string("drained ") + to_string(error.code));
  Drained& drained = drained_.at(number);
  expect(!std::exchange(drained.is_reported, true), "drained() is answered once");
  if (error) {
    expect(error.code == ErrorCode::invalid_state && drained.may_fail,
           "drained() fails only because of a close");
  } else {
    expect(drained.may_succeed, "drained() succeeds only if no message is queued");
  }
  act_inside();
}

/// Calls of the user inside a handler.
void Life::act_inside() {
  if (depth_ > 2 || !random_.one_in(4)) return;
  ++depth_;
  act();
  --depth_;
}

}  // namespace model
