#include "state_table.hpp"

#include "catch.hpp"

using steady::State;
using steady::detail::Action;
using steady::detail::Input;
using steady::detail::transition;

namespace {

constexpr State all_states[] = {State::idle,      State::connecting, State::open,  State::waiting,
                                State::suspended, State::closing,    State::closed};
constexpr Input all_inputs[] = {Input::connect,        Input::reconnect,    Input::suspend,
                                Input::resume,         Input::close,        Input::offline,
                                Input::wake,           Input::opened,       Input::lost,
                                Input::stranded,       Input::ended,        Input::retry_due,
                                Input::attempt_failed, Input::drain_due,    Input::look_due,
                                Input::session_failed, Input::close_overdue};
static_assert(std::size(all_states) == steady::detail::state_count);
static_assert(std::size(all_inputs) == steady::detail::input_count);

}  // namespace

TEST_CASE("closed is the end of everything but a reconnect") {
  for (const Input input : all_inputs) {
    CHECK(transition(State::closed, input).ignored == (input != Input::reconnect));
  }
}

TEST_CASE("every state can be closed, and none leads back to idle") {
  for (const State state : all_states) {
    const auto on_close = transition(state, Input::close);
    if (state == State::closing || state == State::closed) {
      CHECK(on_close.ignored);
    } else {
      CHECK((on_close.next == State::closing || on_close.next == State::closed));
    }
    for (const Input input : all_inputs) {
      const auto any = transition(state, input);
      CHECK((any.ignored || any.next != State::idle));
    }
  }
}

TEST_CASE("an attempt is only ever started where there is no transport, or instead of it") {
  for (const State state : all_states) {
    for (const Input input : all_inputs) {
      const auto any = transition(state, input);
      if (any.ignored) continue;
      if (any.action == Action::start_attempt) {
        CHECK((state == State::idle || state == State::waiting || state == State::suspended ||
               state == State::closed));
      } else if (any.action == Action::start_over) {
        CHECK((state == State::open || state == State::closing));
      } else {
        continue;
      }
      CHECK(any.next == State::connecting);
    }
  }
}

TEST_CASE("a live attempt is never replaced by another") {
  for (const Input input : all_inputs) {
    const auto any = transition(State::connecting, input);
    CHECK(
        (any.ignored || (any.action != Action::start_attempt && any.action != Action::start_over)));
  }
}

TEST_CASE("what waits has a timer, or waits for a word of the user") {
  for (const State state : all_states) {
    for (const Input input : all_inputs) {
      const auto any = transition(state, input);
      if (any.ignored || any.next == state) continue;
      if (any.next == State::waiting) CHECK(any.action == Action::schedule_retry);
      if (any.next == State::suspended) {
        CHECK(any.action == (input == Input::suspend ? Action::put_down : Action::stay_away));
      }
    }
  }
}

TEST_CASE("everything that finishes a socket closes it") {
  for (const State state : all_states) {
    for (const Input input : all_inputs) {
      const auto any = transition(state, input);
      if (any.ignored) continue;
      CHECK((any.action == Action::finish) == (any.next == State::closed));
    }
  }
}
