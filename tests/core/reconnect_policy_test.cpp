#include "../../sdk/kernel/reconnect_policy.hpp"

#include <cstdint>
#include <string>
#include <vector>

#include "catch.hpp"
#include "fixture.hpp"
#include "retry_after.hpp"

using steady::CloseAction;
using steady::CloseInfo;
using steady::CloseRule;
using steady::ErrorCode;
using steady::Options;
using steady::detail::retry_after;
using steady::kernel::ReconnectPolicy;
using steady::kernel::Settings;

namespace {

CloseAction action_of(const std::vector<CloseRule>& rules, int code,
                      const std::string& reason = {}) {
  const Settings settings;
  ReconnectPolicy policy(settings);
  for (const CloseRule& rule : rules) policy.add_rule(rule);
  return policy.action_for(static_cast<std::uint16_t>(code), retry_after(reason));
}

}  // namespace

TEST_CASE("every close code has an action, by the table") {
  for (int code = 0; code <= 0xffff; ++code) {
    const bool is_fatal = code == 1002 || code == 1003 || (code >= 1007 && code <= 1010) ||
                          code == 3000 || code == 3003 || (code >= 4000 && code <= 4999);
    const bool is_later = code == 1012 || code == 1013;
    const CloseAction want = is_fatal   ? CloseAction::fatal
                             : is_later ? CloseAction::later
                                        : CloseAction::retry;
    if (action_of({}, code) != want) FAIL(code);
  }
}

TEST_CASE("rules go before the table, the first that has the code decides") {
  std::vector<CloseRule> rules = {{4001, 4001, CloseAction::retry},
                                  {4000, 4010, CloseAction::at_once}};
  CHECK(action_of(rules, 4001) == CloseAction::retry);
  CHECK(action_of(rules, 4010) == CloseAction::at_once);
  CHECK(action_of(rules, 4011) == CloseAction::fatal);
  rules.push_back({0, 65535, CloseAction::later});
  for (const int code : {0, 1000, 1002, 1006, 4011, 4999, 65535}) {
    CHECK(action_of(rules, code) == CloseAction::later);
  }
}

TEST_CASE("a server that says when to come back wants the client back, unless a rule says no") {
  CHECK(action_of({}, 1008, "slow down; retry-after=3") == CloseAction::later);
  CHECK(action_of({{1008, 1008, CloseAction::fatal}}, 1008, "retry-after=3") == CloseAction::fatal);
}

TEST_CASE("the delay in a close reason is in whole seconds, anywhere in it, and at most a day") {
  CHECK(retry_after("retry-after=30") == 30'000);
  CHECK(retry_after("busy; retry-after=0, thanks") == 0);
  CHECK(retry_after("retry-after=1.5") == 1'000);
  CHECK(retry_after("retry-after=99999999999999999999999999") == 24 * 60 * 60 * 1'000);
  for (const char* none : {"", "retry-after", "retry-after=", "retry-after= 3", "retry-after=-3",
                           "Retry-After=3", "retry-after:3"}) {
    INFO(none);
    CHECK(retry_after(none) == -1);
  }
}

TEST_CASE("what the server asks for is waited for, and everybody for another time") {
  const Settings settings;
  const double asked = retry_after("retry-after=20");
  const auto early = ReconnectPolicy(settings).next(CloseAction::later, asked, true, 0, 0.0);
  const auto late = ReconnectPolicy(settings).next(CloseAction::later, asked, true, 0, 0.99);
  REQUIRE((early && late));
  CHECK(early->delay == 20'000);
  CHECK(late->delay == 20'990);
  CHECK((early->is_asked_for && late->is_asked_for));
}

TEST_CASE("later is between its bounds") {
  const Settings settings{.reconnect_later_min = 2'000, .reconnect_later_max = 4'000};
  CHECK(ReconnectPolicy(settings).next(CloseAction::later, -1, true, 0, 0.0)->delay == 2'000);
  CHECK(ReconnectPolicy(settings).next(CloseAction::later, -1, true, 0, 0.5)->delay == 3'000);
}

TEST_CASE("at once is for connections that were stable") {
  const Settings settings;
  CHECK(ReconnectPolicy(settings).next(CloseAction::at_once, -1, true, 0, 0.5)->delay == 0);
  CHECK(ReconnectPolicy(settings).next(CloseAction::at_once, -1, false, 0, 0.5)->delay == 500);
}

TEST_CASE("a server that accepts and drops is not hammered, whatever the rules say") {
  Fixture f(with([](Options& o) { o.reconnect.rules = {{0, 65535, CloseAction::at_once}}; }));
  f.runtime.fix_random(0.5);
  for (int i = 0; i < 100; ++i) {
    f.runtime.connection().accept();
    f.runtime.connection().close(1000);
    f.runtime.advance_to_next_timer();
  }
  // 0.5 s, 1 s, 2 s, 4 s, then 5 s each.
  CHECK(f.runtime.now() > 450s);
}

TEST_CASE("the time for all attempts counts from the first, and from a stable connection's loss") {
  Fixture f(with([](Options& o) { o.reconnect.max_elapsed = 3s; }));
  f.runtime.fix_random(0.9999999);
  f.runtime.connection().fail();
  f.runtime.advance(1s);
  REQUIRE(f.runtime.transports() == 2);
  f.opened();
  f.runtime.advance(10min);
  f.runtime.connection().drop();
  f.runtime.advance(1s);
  f.runtime.connection().fail();
  f.recorder.take();
  f.runtime.advance(2s);
  // The next would be 4 s later.
  f.runtime.connection().fail();
  CHECK(f.recorder.take() == Lines{"state connecting", "error connection_failed", "error gave_up",
                                   "state closed", "close 1006"});
  CHECK(f.socket.error().code == ErrorCode::gave_up);
  CHECK(f.runtime.timers() == 0);
}

TEST_CASE("who wants no second attempt has not given up") {
  Fixture f(with([](Options& o) { o.reconnect.max_attempts = 0; }));
  f.runtime.connection().fail();
  CHECK(f.recorder.take() ==
        Lines{"state connecting", "error connection_failed", "state closed", "close 1006"});
}

TEST_CASE("the callback goes before the rules, and may leave it to them") {
  std::vector<int> asked;
  Fixture f(with([&](Options& o) {
    o.reconnect.decide = [&](const CloseInfo& info) -> std::optional<CloseAction> {
      asked.push_back(info.code);
      if (info.code == 4001) return CloseAction::retry;
      if (info.code == 1000) return CloseAction::fatal;
      return {};
    };
  }));
  f.opened().runtime.connection().close(4001);
  CHECK(f.socket.state() == State::waiting);
  f.runtime.advance(1s);
  f.opened().runtime.connection().close(1001);
  CHECK(f.socket.state() == State::waiting);
  f.runtime.advance(2s);
  f.opened().runtime.connection().close(1000);
  CHECK(f.recorder.take() == Lines{"state closed", "close 1000"});
  CHECK(asked == std::vector<int>{4001, 1001, 1000});
}

TEST_CASE("the callback may do anything with the socket, and each end has one close event") {
  struct Case {
    void (*act)(std::unique_ptr<steady::Socket>&);
    Lines told;
    std::size_t transports;
  };
  const Case cases[] = {
      {[](auto& socket) { socket->close({.code = 3000}); }, {"state closed", "close 1006"}, 1},
      {[](auto& socket) { socket->connect(); }, {"state connecting", "close 1006 retry"}, 2},
      {[](auto& socket) { socket->reconnect(); }, {"state connecting", "close 1006 retry"}, 2},
      {[](auto& socket) { socket->suspend(); }, {"state suspended", "close 1006 retry"}, 1},
      {[](auto& socket) { socket->send("x"); }, {"state waiting", "close 1006 retry"}, 1},
      {[](auto& socket) { socket.reset(); }, {}, 1},
      {[](auto& socket) { socket->close(), socket->reconnect(); },
       {"state closed", "close 1006", "state connecting"},
       2},
      {[](auto& socket) { socket->suspend(), socket->close(); },
       {"state suspended", "state closed", "close 1006"},
       1},
      {[](auto& socket) { socket->suspend(), socket->resume(); },
       {"state suspended", "state connecting", "close 1006 retry"},
       2},
      {[](auto& socket) { socket->reconnect(), socket->suspend(); },
       {"state connecting", "close 1006 retry", "state suspended", "close 1005 retry"},
       2},
      {[](auto& socket) { socket->close(), socket->reconnect(), socket->suspend(); },
       {"state closed", "close 1006", "state connecting", "state suspended", "close 1005 retry"},
       2},
  };
  for (const Case& one : cases) {
    steady::testing::ManualRuntime runtime;
    std::unique_ptr<steady::Socket> socket;
    int asked = 0;
    Options options = options_for_tests();
    options.reconnect.decide = [&](const CloseInfo&) -> std::optional<CloseAction> {
      ++asked;
      CHECK(socket->state() == State::waiting);
      one.act(socket);
      return CloseAction::retry;
    };
    socket = std::make_unique<steady::Socket>(std::move(options), runtime);
    Recorder recorder(*socket);
    runtime.connection().accept();
    recorder.take();
    runtime.connection().drop();
    CHECK(asked == 1);
    CHECK(recorder.take() == one.told);
    CHECK(runtime.transports() == one.transports);
  }
}

TEST_CASE("a state that the callback leaves is told from the one before it") {
  Fixture* fixture = nullptr;
  Fixture f(with([&](Options& o) {
    o.reconnect.decide = [&](const CloseInfo&) -> std::optional<CloseAction> {
      fixture->socket.suspend();
      return {};
    };
  }));
  fixture = &f;
  f.opened().runtime.connection().drop();
  CHECK(f.recorder.last_change.previous == State::open);
  CHECK(f.recorder.last_change.state == State::suspended);
}
