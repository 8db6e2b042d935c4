#include "../../sdk/kernel/lifecycle.hpp"

#include "catch.hpp"

using steady::State;
using steady::kernel::Action;
using steady::kernel::Event;
using steady::kernel::Phase;
using steady::kernel::state_of;
using steady::kernel::transition;

namespace {

constexpr Phase all_phases[] = {
    Phase::idle,         Phase::asking,    Phase::dialing,  Phase::failing,     Phase::greeting,
    Phase::breaking,     Phase::ready,     Phase::deciding, Phase::backing_off, Phase::offline,
    Phase::inbound_full, Phase::suspended, Phase::closing,  Phase::closed};
constexpr Event all_events[] = {
    Event::connect,   Event::reconnect, Event::suspend,  Event::resume,       Event::close,
    Event::offline,   Event::wake,      Event::provided, Event::gave_up,      Event::opened,
    Event::greeted,   Event::asked,     Event::lost,     Event::lost_offline, Event::ended,
    Event::retry_due, Event::retry_held};

}  // namespace

TEST_CASE("only reconnect leaves the phase closed") {
  for (const Event event : all_events) {
    CHECK((transition(Phase::closed, event) == nullptr) == (event != Event::reconnect));
  }
}

TEST_CASE("every phase can be closed, and none returns to idle") {
  for (const Phase phase : all_phases) {
    const auto* const on_close = transition(phase, Event::close);
    if (phase == Phase::closing || phase == Phase::closed) {
      CHECK(on_close == nullptr);
    } else {
      REQUIRE(on_close != nullptr);
      CHECK((on_close->to == Phase::closing || on_close->to == Phase::closed));
    }
    for (const Event event : all_events) {
      const auto* const any = transition(phase, event);
      CHECK((any == nullptr || any->to != Phase::idle));
    }
  }
}

TEST_CASE("an event has at most one row for each phase") {
  for (const Phase phase : all_phases) {
    for (const Event event : all_events) {
      int rows = 0;
      for (const auto& row : steady::kernel::transitions) {
        rows += row.event == event && row.from.has(phase) ? 1 : 0;
      }
      CHECK(rows <= 1);
    }
  }
}

TEST_CASE("an attempt starts only without a transport, or replaces it") {
  for (const Phase phase : all_phases) {
    const State state = state_of(phase);
    for (const Event event : all_events) {
      const auto* const any = transition(phase, event);
      if (any == nullptr) continue;
      if (any->action == Action::ask) {
        CHECK((state == State::idle || state == State::waiting || state == State::suspended ||
               state == State::closed));
      } else if (any->action == Action::replace) {
        CHECK((state == State::open || state == State::closing));
      } else {
        continue;
      }
      CHECK(any->to == Phase::asking);
    }
  }
}

TEST_CASE("an attempt in progress is not replaced by another") {
  for (const Phase phase : {Phase::asking, Phase::dialing, Phase::failing}) {
    for (const Event event : all_events) {
      const auto* const any = transition(phase, event);
      CHECK((any == nullptr || (any->action != Action::ask && any->action != Action::replace)));
    }
  }
}

TEST_CASE("a waiting phase has a timer, or waits for a call of the user") {
  for (const auto& row : steady::kernel::transitions) {
    if (row.to == Phase::backing_off) CHECK(row.action == Action::schedule_retry);
    if (row.to == Phase::offline) CHECK(row.action == Action::wait_offline);
    if (row.to == Phase::suspended) {
      CHECK((row.action == Action::abort_connection || row.action == Action::rest));
      CHECK(row.event == Event::suspend);
    }
    // Until the inbound queue has room.
    if (row.to == Phase::inbound_full) CHECK(row.event == Event::retry_held);
    // Until `decide` has returned.
    if (row.to == Phase::deciding) CHECK(row.event == Event::asked);
  }
}

TEST_CASE("every transition that finishes a socket leads to closed") {
  for (const auto& row : steady::kernel::transitions) {
    CHECK((row.action == Action::finish) == (row.to == Phase::closed));
  }
}
