#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "steady/state.hpp"

namespace steady::detail {

/// What can happen to a Socket.
enum class Input : std::uint8_t {
  connect,         ///< The user asks for an attempt now.
  reconnect,       ///< The user asks for a new connection, whatever there is.
  suspend,         ///< The user wants no connection until further notice.
  resume,          ///< The further notice.
  close,           ///< The user closes, or the time of a flush is over.
  offline,         ///< The platform says that there is no network.
  wake,            ///< The platform says that there is one again, or that the program is back.
  opened,          ///< The transport is connected.
  lost,            ///< The transport ended, failed or was given up; another attempt is allowed.
  stranded,        ///< The same, and the platform says that there is no network.
  ended,           ///< The same, and no other attempt is allowed.
  retry_due,       ///< The wait is over.
  attempt_failed,  ///< The attempt took too long, or has nothing to connect with.
  drain_due,       ///< The platform's buffer is to be looked at.
  look_due,        ///< It is to be looked at whether the server is still there.
  session_failed,  ///< The server does not answer any more, or the session could not begin.
  close_overdue,   ///< The close handshake took too long.
};
inline constexpr std::size_t input_count = 17;
inline constexpr std::size_t state_count = 7;

/// What the Socket does on a transition.
enum class Action : std::uint8_t {
  none,
  start_attempt,   ///< Open a new transport.
  start_over,      ///< Give up the transport, then the same.
  begin_session,   ///< First message, then the queue.
  schedule_retry,  ///< Start the timer for the next attempt.
  stay_away,       ///< The same, for an attempt that is made although there seems to be no network.
  put_down,        ///< Drop the transport, and start no timer.
  drain,           ///< Hand over what the platform has room for.
  look,            ///< Ping, if it is time; then session_failed, if there was no answer.
  probe,           ///< Ping now.
  begin_close,     ///< Hand over what waits, start the close handshake.
  abandon,         ///< Drop the transport; then lost, stranded or ended, as the policy says.
  finish,          ///< Drop the transport and what waits.
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
  constexpr State suspended = State::suspended;
  constexpr State closing = State::closing;
  constexpr State closed = State::closed;

  // clang-format off
  constexpr Transition attempt = go(connecting, Action::start_attempt);
  constexpr Transition anew    = go(connecting, Action::start_over);
  constexpr Transition session = go(open,       Action::begin_session);
  constexpr Transition retry   = go(waiting,    Action::schedule_retry);
  constexpr Transition strand  = go(suspended,  Action::stay_away);
  constexpr Transition put     = go(suspended,  Action::put_down);
  constexpr Transition drain   = go(open,       Action::drain);
  constexpr Transition look    = go(open,       Action::look);
  constexpr Transition probe   = go(open,       Action::probe);
  constexpr Transition goodbye = go(closing,    Action::begin_close);
  constexpr Transition failed  = go(connecting, Action::abandon);
  constexpr Transition dead    = go(open,       Action::abandon);
  constexpr Transition finish  = go(closed,     Action::finish);

  constexpr std::array<std::array<Transition, state_count>, input_count> table{{
      //                      idle     connecting open     waiting  suspended closing  closed
      /* connect         */ {{attempt, skip,      skip,    attempt, attempt,  skip,    skip}},
      /* reconnect       */ {{attempt, skip,      anew,    attempt, attempt,  anew,    attempt}},
      /* suspend         */ {{put,     put,       put,     put,     put,      skip,    skip}},
      /* resume          */ {{skip,    skip,      skip,    skip,    attempt,  skip,    skip}},
      /* close           */ {{finish,  goodbye,   goodbye, finish,  finish,   skip,    skip}},
      /* offline         */ {{skip,    skip,      probe,   strand,  skip,     skip,    skip}},
      /* wake            */ {{skip,    skip,      probe,   attempt, attempt,  skip,    skip}},
      /* opened          */ {{skip,    session,   skip,    skip,    skip,     skip,    skip}},
      /* lost            */ {{skip,    retry,     retry,   skip,    skip,     finish,  skip}},
      /* stranded        */ {{skip,    strand,    strand,  skip,    skip,     finish,  skip}},
      /* ended           */ {{skip,    finish,    finish,  skip,    skip,     finish,  skip}},
      /* retry_due       */ {{skip,    skip,      skip,    attempt, attempt,  skip,    skip}},
      /* attempt_failed  */ {{skip,    failed,    skip,    skip,    skip,     skip,    skip}},
      /* drain_due       */ {{skip,    skip,      drain,   skip,    skip,     skip,    skip}},
      /* look_due        */ {{skip,    skip,      look,    skip,    skip,     skip,    skip}},
      /* session_failed  */ {{skip,    skip,      dead,    skip,    skip,     skip,    skip}},
      /* close_overdue   */ {{skip,    skip,      skip,    skip,    skip,     finish,  skip}},
  }};
  // clang-format on

  return table[static_cast<std::size_t>(input)][static_cast<std::size_t>(state)];
}

}  // namespace steady::detail
