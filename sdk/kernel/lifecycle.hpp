#pragma once

#include <cstdint>

#include "steady/state.hpp"

namespace steady::kernel {

/// The phases of a socket. Each has one bit, so that rows of the table can name several.
enum class Phase : std::uint16_t {
  idle = 1,             ///< No attempt was made yet.
  asking = 2,           ///< The provider was asked what to connect with.
  dialing = 4,          ///< The transport is connecting.
  failing = 8,          ///< The attempt has failed inside a call of the user; the timer ends it.
  greeting = 16,        ///< The connection is open; first messages go, and the queue is held.
  breaking = 32,        ///< The greeting has failed inside a call of the user; the timer ends it.
  ready = 64,           ///< The connection is open, and the queue goes.
  deciding = 128,       ///< A connection has ended, and `decide` was asked what follows.
  backing_off = 256,    ///< Waits for the next attempt.
  offline = 512,        ///< There is no network; an attempt is made now and then all the same.
  inbound_full = 1024,  ///< Received messages have no room; no attempt is made until they have.
  suspended = 2048,     ///< The user wants no connection.
  closing = 4096,       ///< Waits for the close handshake.
  closed = 8192,        ///< Over, until `reconnect`.
  joining = 16384,      ///< Greeted; waits for the server's part of the session.
  resuming = 32768,     ///< The session's hello was sent; waits for the welcome.
};

/// Events that move a socket from one phase to another.
enum class Event : std::uint8_t {
  connect,       ///< The user asks for an attempt now.
  reconnect,     ///< The user asks for a new connection.
  suspend,       ///< The user wants no connection.
  resume,        ///< The user wants one again, or there is room again for what is received.
  close,         ///< The user closes, or a flush is over.
  offline,       ///< The platform reports that there is no network.
  wake,          ///< The platform reports that there is one, or that the program is back.
  provided,      ///< It is known what to connect with.
  gave_up,       ///< The attempt failed, or its greeting did, inside a call of the user.
  opened,        ///< The transport is connected.
  greeted,       ///< The greeting is over, and the queue may go.
  held,          ///< The greeting is over, or the session has ended: waits for the server.
  rejoined,      ///< The hello of a session that exists was sent.
  welcomed,      ///< It was answered.
  asked,         ///< The connection or the attempt has ended; `decide` says what follows.
  lost,          ///< It has ended, and another attempt follows.
  lost_offline,  ///< The same, without a network.
  ended,         ///< It has ended, and no other attempt follows.
  retry_due,     ///< The delay is over.
  retry_held,    ///< The same, and received messages have no room.
};

/// Actions of a socket that enters a phase.
enum class Action : std::uint8_t {
  none,
  ask,               ///< Begin an attempt: find out what to connect with.
  replace,           ///< Give up the connection, then the same.
  dial,              ///< Make the transport.
  fail_soon,         ///< Let the timer end the attempt.
  greet,             ///< Send the first messages.
  flush,             ///< Send what waits.
  schedule_retry,    ///< Start the timer for the next attempt.
  wait_offline,      ///< The same, later.
  abort_connection,  ///< Give up the connection.
  rest,              ///< Stop the timer for the next attempt.
  begin_close,       ///< Send what waits, begin the close handshake.
  finish,            ///< Give up the connection, drop what waits.
};

/// A set of phases.
class Phases {
 public:
  constexpr Phases(Phase phase) : bits_(static_cast<std::uint16_t>(phase)) {}
  constexpr Phases operator|(Phases other) const {
    return Phases(static_cast<std::uint16_t>(bits_ | other.bits_));
  }
  constexpr bool has(Phase phase) const { return (bits_ & static_cast<std::uint16_t>(phase)) != 0; }

 private:
  explicit constexpr Phases(std::uint16_t bits) : bits_(bits) {}
  std::uint16_t bits_;
};
constexpr Phases operator|(Phase one, Phase other) { return Phases(one) | other; }

struct Transition {
  Event event;
  Phases from;
  Phase to;
  Action action;
};

// clang-format off
/// An attempt is under way.
inline constexpr Phases attempting = Phase::asking | Phase::dialing | Phase::failing;
/// There is a connection that the user sees as open.
inline constexpr Phases open_phases = Phase::greeting | Phase::breaking | Phase::joining |
                                      Phase::resuming | Phase::ready;
/// Another attempt follows by itself.
inline constexpr Phases waiting = Phase::deciding | Phase::backing_off;
/// None follows, or much later.
inline constexpr Phases paused = Phase::offline | Phase::inbound_full | Phase::suspended;
inline constexpr Phases connected = attempting | open_phases;

/// The lifecycle of a socket. An event that has no row for a phase does not change it.
inline constexpr Transition transitions[] = {
    // event               from                                to                   action
    {Event::connect,      waiting | paused | Phase::idle,     Phase::asking,       Action::ask},
    {Event::reconnect,    waiting | paused | Phase::idle,     Phase::asking,       Action::ask},
    {Event::reconnect,    Phase::closed,                      Phase::asking,       Action::ask},
    {Event::reconnect,    open_phases | Phase::closing,       Phase::asking,       Action::replace},
    {Event::suspend,      connected,                          Phase::suspended,    Action::abort_connection},
    {Event::suspend,      waiting | paused | Phase::idle,     Phase::suspended,    Action::rest},
    {Event::resume,       paused,                             Phase::asking,       Action::ask},
    {Event::close,        waiting | paused | Phase::idle,     Phase::closed,       Action::finish},
    {Event::close,        Phase::asking | Phase::failing,     Phase::closed,       Action::finish},
    {Event::close,        open_phases | Phase::dialing,       Phase::closing,      Action::begin_close},
    {Event::offline,      waiting,                            Phase::offline,      Action::wait_offline},
    {Event::wake,         waiting | Phase::offline,           Phase::asking,       Action::ask},
    {Event::provided,     Phase::asking,                      Phase::dialing,      Action::dial},
    {Event::gave_up,      Phase::asking | Phase::dialing,     Phase::failing,      Action::fail_soon},
    {Event::gave_up,      Phase::greeting,                    Phase::breaking,     Action::fail_soon},
    {Event::opened,       Phase::dialing,                     Phase::greeting,     Action::greet},
    {Event::greeted,      Phase::greeting | Phase::joining,   Phase::ready,        Action::flush},
    {Event::held,         Phase::greeting | Phase::ready,     Phase::joining,      Action::none},
    {Event::held,         Phase::resuming,                    Phase::joining,      Action::none},
    {Event::rejoined,     Phase::greeting | Phase::joining,   Phase::resuming,     Action::none},
    {Event::welcomed,     Phase::resuming,                    Phase::ready,        Action::flush},
    {Event::asked,        connected,                          Phase::deciding,     Action::none},
    {Event::lost,         connected | Phase::deciding,        Phase::backing_off,  Action::schedule_retry},
    {Event::lost_offline, connected | Phase::deciding,        Phase::offline,      Action::wait_offline},
    {Event::ended,        connected | Phase::deciding,        Phase::closed,       Action::finish},
    {Event::ended,        Phase::closing,                     Phase::closed,       Action::finish},
    {Event::retry_due,    Phase::backing_off | Phase::offline, Phase::asking,       Action::ask},
    {Event::retry_held,   Phase::backing_off | Phase::offline, Phase::inbound_full, Action::rest},
};
// clang-format on

/// The row for an event in a phase, or null.
constexpr const Transition* transition(Phase phase, Event event) {
  for (const Transition& row : transitions) {
    if (row.event == event && row.from.has(phase)) return &row;
  }
  return nullptr;
}

/// The public state of a phase.
constexpr State state_of(Phase phase) {
  if (phase == Phase::idle) return State::idle;
  if (attempting.has(phase)) return State::connecting;
  if (open_phases.has(phase)) return State::open;
  if (waiting.has(phase)) return State::waiting;
  if (paused.has(phase)) return State::suspended;
  return phase == Phase::closing ? State::closing : State::closed;
}

}  // namespace steady::kernel
