#include "life.hpp"

#include <algorithm>

#include "drawn_options.hpp"

namespace model {

using namespace std::chrono_literals;
using steady::State;

Life::Life(Random& random)
    : random_(random), options_(draw()), mail_(options_, runtime_), attempts_(options_, runtime_) {
  takes_grants_ = random_.one_in(2);
  if (options_.start == steady::Start::suspended) reported_state_ = State::suspended;
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
    trace("the end");
    end();
  }
  // No event may be reported after the end, and nothing may keep running.
  if (!replies_.empty()) answer(replies_.back());
  if (!greetings_.empty()) ready(greetings_.back());
  runtime_.advance(10s);
  mail_.look();
  expect(runtime_.timers() == 0, "no timer runs after the destruction");
  expect(runtime_.watches() == 0, "the platform is not watched after the destruction");
  expect(log_.replay().empty(), "the same inputs give the same commands");
}

// --- Invariants. ---

void Life::look() {
  mail_.look();
  if (!socket_) return;
  const State state = socket_->state();
  attempts_.look(*socket_);
  mail_.look_at_state(state);
  expect(socket_->queued_messages() <= options_.queue.max_messages,
         "the queue is limited in messages");
  expect(mail_.waiting() >= socket_->queued_messages(), "only sent messages are queued");
  expect(!flush_until_ || state == State::closed ||
             runtime_.now() <= *flush_until_ + options_.close_timeout,
         "a close with a flush ends at its deadline");
  look_at_drained();
}

/// Checks that hold once all events were dispatched.
void Life::look_at_all() {
  runtime_.run_posted();
  look();
  if (!socket_) return;
  const State state = socket_->state();
  expect(reported_state_ == state, "every state is reported");
  mail_.expect_all_reported(socket_->queued_messages(), state);
  expect(runtime_.watches() == (state == State::closed ? 0U : 1U),
         "the platform is watched until the socket is closed");
  expect(state != State::closed || runtime_.timers() == 0, "a closed socket has no timers");
  const bool all_reported = std::all_of(drained_.begin(), drained_.end(),
                                        [](const Drained& drained) { return drained.is_reported; });
  expect(all_reported || state != State::closed, "drained() is answered when the socket closes");
  expect(all_reported || state == State::closing || !idle_since_ ||
             runtime_.now() - *idle_since_ <= 20ms,
         "drained() is answered in time");
}

void Life::look_at_drained() {
  const bool is_idle = mail_.nothing_waits(socket_->queued_messages());
  if (!is_idle) {
    idle_since_.reset();
  } else if (!idle_since_) {
    idle_since_ = runtime_.now();
  }
  for (Drained& drained : drained_) {
    drained.may_succeed |= is_idle;
    drained.may_fail |= socket_->state() == State::closed;
  }
}

}  // namespace model
