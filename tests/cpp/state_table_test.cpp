#include "state_table.hpp"

#include "catch.hpp"

using steady::State;
using steady::detail::Action;
using steady::detail::Input;
using steady::detail::transition;

namespace {

constexpr State all_states[] = {State::idle,    State::connecting, State::open,
                                State::waiting, State::closing,    State::closed};
constexpr Input all_inputs[] = {
    Input::connect,  Input::close,     Input::opened,          Input::lost,
    Input::ended,    Input::retry_due, Input::connect_overdue, Input::drain_due,
    Input::look_due, Input::silent,    Input::close_overdue};
static_assert(std::size(all_states) == steady::detail::state_count);
static_assert(std::size(all_inputs) == steady::detail::input_count);

}  // namespace

TEST_CASE("closed is final") {
  for (const Input input : all_inputs) CHECK(transition(State::closed, input).ignored);
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

TEST_CASE("an attempt is only ever started where there is no transport") {
  for (const State state : all_states) {
    for (const Input input : all_inputs) {
      const auto any = transition(state, input);
      if (any.ignored || any.action != Action::start_attempt) continue;
      CHECK((state == State::idle || state == State::waiting));
      CHECK(any.next == State::connecting);
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
