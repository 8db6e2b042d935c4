#include "life.hpp"

#include <algorithm>

#include "drawn_options.hpp"

namespace model {

using namespace std::chrono_literals;
using steady::State;

Life::Life(Random& random)
    : random_(random), options_(draw()), mail_(options_, runtime_), attempts_(options_, runtime_) {
  takes_grants_ = random_.one_in(2);
  if (options_.start == steady::Start::suspended) told_state_ = State::suspended;
  keep_if_it_fails(log_);
  socket_ = std::make_unique<steady::Socket>(options_, recording_);
  listen();
  look();
}

steady::Options Life::draw() {
  steady::Options options = draw_options(random_);
  if (random_.one_in(3)) {
    options.reconnect.decide = [this](const steady::CloseInfo& info) { return decide(info); };
  }
  if (random_.one_in(3)) {
    options.provider = [this](const steady::ConnectReply& reply) { provide(reply); };
  }
  if (random_.one_in(3)) {
    options.greet = [this](const steady::Greeting& greeting) { greet(greeting); };
  }
  return options;
}

void Life::run(std::size_t steps) {
  for (; steps > 0 && socket_; --steps) {
    happen();
    look();
    if (socket_ && random_.one_in(4)) look_at_all();
  }
  if (socket_ && random_.one_in(2)) end_well();
  if (socket_) {
    say("the end");
    end();
  }
  // Nothing may be told any more, and nothing goes on.
  if (!replies_.empty()) answer(replies_.back());
  if (!greetings_.empty()) ready(greetings_.back());
  runtime_.advance(10s);
  mail_.look();
  expect(runtime_.timers() == 0, "no timer runs after the end");
  expect(runtime_.watches() == 0, "nothing is watched after the end");
  expect(log_.replay().empty(), "the same inputs give the same commands");
}

// --- What must hold. ---

void Life::look() {
  mail_.look();
  if (!socket_) return;
  const State state = socket_->state();
  attempts_.look(*socket_);
  mail_.look_at_state(state);
  expect(socket_->queued_messages() <= options_.queue.max_messages, "the queue has its bound");
  expect(mail_.waiting() >= socket_->queued_messages(), "only what was sent waits");
  expect(!flush_until_ || state == State::closed ||
             runtime_.now() <= *flush_until_ + options_.close_timeout,
         "a close with a flush has its end");
  look_at_drained();
}

/// When everything was told.
void Life::look_at_all() {
  runtime_.run_posted();
  look();
  if (!socket_) return;
  const State state = socket_->state();
  expect(told_state_ == state, "every state is told");
  mail_.expect_all_told(socket_->queued_messages(), state);
  expect(runtime_.watches() == (state == State::closed ? 0U : 1U),
         "the platform is watched until the end");
  expect(state != State::closed || runtime_.timers() == 0, "a closed socket has no timers");
  const bool all_told = std::all_of(drained_.begin(), drained_.end(),
                                    [](const Drained& drained) { return drained.told; });
  expect(all_told || state != State::closed, "who waits is told of a close");
  expect(
      all_told || state == State::closing || !idle_since_ || runtime_.now() - *idle_since_ <= 20ms,
      "who waits is told in time");
}

void Life::look_at_drained() {
  const bool is_idle = mail_.nothing_waits(socket_->queued_messages());
  if (!is_idle) {
    idle_since_.reset();
  } else if (!idle_since_) {
    idle_since_ = runtime_.now();
  }
  for (Drained& drained : drained_) {
    drained.may_be_told |= is_idle;
    drained.may_fail |= socket_->state() == State::closed;
  }
}

}  // namespace model
