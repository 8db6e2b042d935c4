// A handler that throws terminates the program (std::terminate), as on the web. Otherwise a socket
// would remain that looks alive and calls no handler.
#include <functional>
#include <stdexcept>

#include "catch.hpp"
#include "fixture.hpp"
#include "outcome.hpp"

using steady::Options;
using steady::Socket;

namespace {

[[noreturn]] void fail() { throw std::runtime_error("a handler's"); }

}  // namespace

TEST_CASE("an exception in any handler terminates the program, with either dispatch") {
  using Subscribe = std::function<steady::Subscription(Socket&)>;
  const Subscribe ways[] = {
      [](Socket& s) { return s.on_open([] { fail(); }); },
      [](Socket& s) { return s.on_close([](const auto&) { fail(); }); },
      [](Socket& s) { return s.on_error([](const auto&) { fail(); }); },
      [](Socket& s) { return s.on_state_change([](const auto&) { fail(); }); },
      [](Socket& s) { return s.on_drop([](const auto&) { fail(); }); },
      [](Socket& s) { return s.on_outcome([](const auto&) { fail(); }); },
      [](Socket& s) { return s.on_message([](const auto&) { fail(); }); },
      [](Socket& s) { return s.on_binary([](const auto&) { fail(); }); },
      [](Socket& s) { return s.on("*", [](const auto&) { fail(); }); },
      [](Socket& s) {
        s.drained([](const auto&) { fail(); });
        return steady::Subscription();
      },
  };
  for (const auto dispatch : {steady::Dispatch::immediate, steady::Dispatch::queued}) {
    for (const Subscribe& subscribe : ways) {
      CHECK(outcome_of([&] {
              Fixture f(with([&](Options& o) { o.dispatch = dispatch; }));
              const auto kept = subscribe(f.socket);
              f.opened();
              f.socket.send("x", {.track = true});
              f.runtime.connection().deliver_text(R"({"type":"t"})");
              f.runtime.connection().deliver_binary("b");
              f.runtime.advance(1s);
              f.socket.poll();
              f.runtime.connection().fail();
              f.socket.send("y");
              f.socket.close();
              f.runtime.run_posted();
              f.socket.poll();
            }) == terminated);
    }
  }
}

TEST_CASE("an exception in a function of the options terminates the program") {
  using Change = std::function<void(Options&)>;
  const Change changes[] = {
      [](Options& o) { o.provider = [](const auto&) { fail(); }; },
      [](Options& o) { o.greet = [](const auto&) { fail(); }; },
      [](Options& o) {
        o.reconnect.decide = [](const auto&) -> std::optional<steady::CloseAction> { fail(); };
      },
  };
  for (const Change& change : changes) {
    CHECK(outcome_of([&] {
            Fixture f(with(change));
            f.runtime.run_posted();
            if (f.runtime.transports() == 0) return;
            f.opened();
            f.runtime.run_posted();
            f.runtime.connection().drop();
          }) == terminated);
  }
}
