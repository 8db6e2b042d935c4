#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "steady/state.hpp"

namespace steady::detail {

/// What can happen to a Socket.
enum class Input : std::uint8_t {
  connect,          ///< The user asks for an attempt now.
  close,            ///< The user closes.
  opened,           ///< The transport is connected.
  lost,             ///< The transport ended, failed or was given up; another attempt is allowed.
  ended,            ///< The same, and no other attempt is allowed.
  retry_due,        ///< The wait is over.
  connect_overdue,  ///< The attempt took too long.
  drain_due,        ///< The platform's buffer is to be looked at.
  look_due,         ///< It is to be looked at whether the server is still there.
  silent,           ///< The server does not answer any more.
  close_overdue,    ///< The close handshake took too long.
};
inline constexpr std::size_t input_count = 11;
inline constexpr std::size_t state_count = 6;

/// What the Socket does on a transition.
enum class Action : std::uint8_t {
  none,
  start_attempt,    ///< Open a new transport.
  begin_session,    ///< First message, then the queue.
  schedule_retry,   ///< Start the timer for the next attempt.
  drain,            ///< Hand over what the platform has room for.
  look,             ///< Ping, if it is time; then silent, if there was no answer.
  begin_close,      ///< Hand over what waits, start the close handshake.
  abandon_attempt,  ///< Drop the transport; then lost or ended, as the policy says.
  abandon_session,  ///< The same, of a connection.
  finish,           ///< Drop the transport and what waits.
};

struct Transition {
  State next;
  Action action;
  bool ignored;
};

/// The whole life of a Socket: what each input does in each state.
constexpr Transition transition(State state, Input input) {
  constexpr auto go = [](State next, Action action) { return Transition{next, action, false}; };
  constexpr Transition skip{State::idle, Action::none, true};
  constexpr State connecting = State::connecting;
  constexpr State open = State::open;
  constexpr State waiting = State::waiting;
  constexpr State closing = State::closing;
  constexpr State closed = State::closed;

  // clang-format off
  constexpr Transition attempt = go(connecting, Action::start_attempt);
  constexpr Transition session = go(open,       Action::begin_session);
  constexpr Transition retry   = go(waiting,    Action::schedule_retry);
  constexpr Transition drain   = go(open,       Action::drain);
  constexpr Transition look    = go(open,       Action::look);
  constexpr Transition goodbye = go(closing,    Action::begin_close);
  constexpr Transition abandon = go(connecting, Action::abandon_attempt);
  constexpr Transition dead    = go(open,       Action::abandon_session);
  constexpr Transition finish  = go(closed,     Action::finish);

  constexpr std::array<std::array<Transition, state_count>, input_count> table{{
      //                      idle     connecting open     waiting  closing  closed
      /* connect         */ {{attempt, skip,      skip,    attempt, skip,    skip}},
      /* close           */ {{finish,  goodbye,   goodbye, finish,  skip,    skip}},
      /* opened          */ {{skip,    session,   skip,    skip,    skip,    skip}},
      /* lost            */ {{skip,    retry,     retry,   skip,    finish,  skip}},
      /* ended           */ {{skip,    finish,    finish,  skip,    finish,  skip}},
      /* retry_due       */ {{skip,    skip,      skip,    attempt, skip,    skip}},
      /* connect_overdue */ {{skip,    abandon,   skip,    skip,    skip,    skip}},
      /* drain_due       */ {{skip,    skip,      drain,   skip,    skip,    skip}},
      /* look_due        */ {{skip,    skip,      look,    skip,    skip,    skip}},
      /* silent          */ {{skip,    skip,      dead,    skip,    skip,    skip}},
      /* close_overdue   */ {{skip,    skip,      skip,    skip,    finish,  skip}},
  }};
  // clang-format on

  return table[static_cast<std::size_t>(input)][static_cast<std::size_t>(state)];
}

}  // namespace steady::detail
