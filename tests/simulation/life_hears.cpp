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
    hear("open");
    act_inside();
  }));
  keep(socket.on_close([this](const steady::CloseInfo& info) {
    hear("close " + std::to_string(info.code) + (info.will_retry ? ", retry" : ""));
    act_inside();
  }));
  keep(socket.on_error([this](const steady::Error& error) {
    hear(to_string(error.code));
    // Unless a handler has begun anew already.
    if (error.code == ErrorCode::gave_up && socket_->state() == State::closed) {
      attempts_.gave_up();
    }
    if (error.code == ErrorCode::fatal_close) attempts_.fatal_told();
    if (error.code == ErrorCode::gave_up || error.code == ErrorCode::blocked ||
        error.code == ErrorCode::not_supported) {
      attempts_.refused();
    }
    act_inside();
  }));
  keep(socket.on_state_change([this](const steady::StateChange& change) {
    hear(to_string(change.state));
    expect(change.previous == told_state_, "states are told in their order");
    expect(change.state != change.previous, "a state that is told is another one");
    told_state_ = change.state;
    act_inside();
  }));
  keep(socket.on_drop([this](const steady::Drop& drop) {
    hear(std::string(to_string(drop.reason)) + " " + std::string(drop.payload.data()));
    const bool waited = mail_.drop_told(drop);
    look();
    expect(!waited || drop.reason != DropReason::closed || !flush_is_known_ ||
               runtime_.now() >= *flush_until_ || attempts_.was_refused() ||
               options_.reconnect.max_attempts == 0,
           "a flush loses nothing before its time");
    act_inside();
  }));
  keep(socket.on_outcome([this](const steady::Outcome& outcome) {
    hear("outcome of " + std::to_string(outcome.id) + ": " + to_string(outcome.reason));
    mail_.outcome_told(outcome);
    act_inside();
  }));
  if (random_.one_in(2)) read_messages();
}

void Life::read_messages() {
  keep(socket_->on_message([this](const steady::Message& message) {
    hear("message");
    expect(delivering_, "messages are told when they come");
    // The first handler of a message may close; the others hear it all the same.
    if (std::exchange(told_, message.data.data()) != message.data.data()) {
      expect(socket_->is_receiving(), "messages are told while open or leaving");
    }
    act_inside();
  }));
}

void Life::hear(const std::string& what) {
  say("hears " + what);
  expect(socket_ != nullptr, "nothing is told after the end");
  expect(!calling_, "nobody is called from inside a call");
  look();
}

std::optional<CloseAction> Life::decide(const steady::CloseInfo& info) {
  hear("decide? " + std::to_string(info.code));
  attempts_.decide_asked(info);
  act_inside();
  std::optional<CloseAction> word;
  if (random_.one_in(2)) {
    word = random_.pick({CloseAction::retry, CloseAction::retry, CloseAction::at_once,
                         CloseAction::at_once, CloseAction::later, CloseAction::fatal});
    say("decides " + std::to_string(static_cast<int>(*word)));
  }
  // What the user has done goes before.
  if (!socket_) return word;
  const State state = socket_->state();
  if (state == State::waiting || state == State::closing) attempts_.decided(info, word);
  return word;
}

void Life::provide(const steady::ConnectReply& reply) {
  hear("provide?");
  replies_.push_back({reply, attempts_.asked()});
  act_inside();
  if (random_.one_in(2)) answer(replies_.back());
}

void Life::greet(const steady::Greeting& greeting) {
  hear("greet?");
  expect(has_connection(), "a greeting has a connection");
  mail_.greeting_begins();
  greetings_.push_back({greeting, runtime_.transports()});
  act_inside();
  if (random_.one_in(2)) send_first(greetings_.back());
  if (random_.one_in(2)) ready(greetings_.back());
}

void Life::drained_told(std::size_t number, const steady::Error& error) {
  hear(std::string("drained ") + to_string(error.code));
  Drained& drained = drained_.at(number);
  expect(!std::exchange(drained.told, true), "who waits is told once");
  if (error) {
    expect(error.code == ErrorCode::invalid_state && drained.may_fail,
           "only a close ends the waiting");
  } else {
    expect(drained.may_be_told, "drained is when nothing waits");
  }
  act_inside();
}

/// The user, in a handler.
void Life::act_inside() {
  if (depth_ > 2 || !random_.one_in(4)) return;
  ++depth_;
  act();
  --depth_;
}

}  // namespace model
