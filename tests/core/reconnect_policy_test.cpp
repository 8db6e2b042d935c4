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
using steady::kernel::DecidedBy;
using steady::kernel::ReconnectPolicy;
using steady::kernel::Settings;

namespace {

CloseAction action_of(const std::vector<CloseRule>& rules, int code,
                      const std::string& reason = {}) {
  const Settings settings;
  ReconnectPolicy policy(settings);
  for (const CloseRule& rule : rules) policy.add_rule(rule);
  return policy.judge(static_cast<std::uint16_t>(code), retry_after(reason)).action;
}

}  // namespace

TEST_CASE("every close code has the action of the documented table") {
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

TEST_CASE("rules precede the table, and the first rule for a code decides") {
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

TEST_CASE("a close with retry-after is retried later, unless a rule applies") {
  CHECK(action_of({}, 1008, "slow down; retry-after=3") == CloseAction::later);
  CHECK(action_of({{1008, 1008, CloseAction::fatal}}, 1008, "retry-after=3") == CloseAction::fatal);
}

TEST_CASE("a verdict names what decided it, and the codes of the rule") {
  Settings settings;
  settings.greets = 1;
  ReconnectPolicy policy(settings);
  policy.add_rule({4100, 4199, CloseAction::later});
  const auto is = [&policy](int code, double asked_delay, DecidedBy by, int first, int last) {
    const auto verdict = policy.judge(static_cast<std::uint16_t>(code), asked_delay);
    return verdict.by == by && verdict.first == first && verdict.last == last;
  };
  CHECK(is(4100, 3'000, DecidedBy::rule, 4100, 4199));
  CHECK(is(4000, 3'000, DecidedBy::server, 0, 0));
  CHECK(is(4000, -1, DecidedBy::default_rule, 4000, 4999));
  CHECK(is(1012, -1, DecidedBy::default_rule, 1012, 1013));
  CHECK(is(1006, -1, DecidedBy::default_rule, 0, 0));
  CHECK(is(4403, -1, DecidedBy::fresh_answers, 4000, 4999));
  CHECK(is(4403, -1, DecidedBy::default_rule, 4000, 4999));
}

TEST_CASE("with a provider or greet, close codes of credentials are retried once") {
  for (const bool greets : {false, true}) {
    Settings settings;
    (greets ? settings.greets : settings.asks_provider) = 1;
    for (int code = 0; code <= 0xffff; ++code) {
      const bool is_of_credentials =
          code == 1008 || code == 3000 || code == 3003 || code == 4401 || code == 4403;
      ReconnectPolicy policy(settings);
      const auto number = static_cast<std::uint16_t>(code);
      const CloseAction action = policy.judge(number, -1).action;
      if (action != (is_of_credentials ? CloseAction::retry : action_of({}, code))) FAIL(code);
      if (!is_of_credentials) continue;
      // One attempt for all codes, until attempts are counted from zero.
      CHECK(policy.judge(4401, -1).action == CloseAction::fatal);
      policy.reset(0);
      CHECK(policy.judge(number, -1).action == CloseAction::retry);
    }
  }
}

TEST_CASE("rules and decide precede the retry with fresh credentials") {
  Settings settings;
  settings.asks_provider = 1;
  ReconnectPolicy policy(settings);
  policy.add_rule({4401, 4401, CloseAction::fatal});
  CHECK(policy.judge(4401, -1).action == CloseAction::fatal);
  CHECK(policy.judge(4403, -1).action == CloseAction::retry);

  int calls = 0;
  Fixture f(with([&](Options& o) {
    o.greet = [](const steady::Greeting& greeting) { greeting.ready(); };
    o.reconnect.decide = [&](const CloseInfo&) {
      ++calls;
      return std::optional(CloseAction::fatal);
    };
  }));
  f.opened().runtime.connection().close(4401, "expired");
  CHECK(calls == 1);
  CHECK(f.recorder.take() == Lines{"error fatal_close", "state closed", "close 4401"});
  CHECK(f.socket.error().message ==
        "the connection was closed with 4401 (expired): ReconnectOptions::decide ends the socket");
}

TEST_CASE("an expired token is requested again once, and again after a stable connection") {
  std::vector<steady::ConnectReply> replies;
  Fixture f(with([&](Options& o) {
    o.provider = [&](const steady::ConnectReply& reply) { replies.push_back(reply); };
  }));
  f.runtime.fix_random(0.5);
  const auto connect = [&] {
    f.runtime.run_posted();
    replies.back().connect({"ws://host/" + std::to_string(replies.size()), {}, {}});
    f.opened();
  };
  connect();
  f.runtime.connection().close(4401);
  CHECK(f.recorder.take() == Lines{"state waiting", "close 4401 retry"});
  f.runtime.advance(500ms);
  connect();
  CHECK(f.runtime.connection().request().url == "ws://host/2");
  f.runtime.advance(5s);
  f.runtime.connection().close(4401);
  CHECK(f.recorder.take() == Lines{"state waiting", "close 4401 retry"});
  f.runtime.advance(500ms);
  connect();
  f.runtime.advance(4'999ms);
  f.runtime.connection().close(3000);
  CHECK(f.recorder.take() == Lines{"error fatal_close", "state closed", "close 3000"});
  CHECK(replies.size() == 3);
}

TEST_CASE("a fatal close code is reported as an error that names the code and the rule") {
  const auto message_of = [](std::vector<CloseRule> rules, std::uint16_t code, const char* reason) {
    Fixture f(with([&](Options& o) { o.reconnect.rules = std::move(rules); }));
    f.opened().runtime.connection().close(code, reason);
    CHECK(f.recorder.take() ==
          Lines{"error fatal_close", "state closed", "close " + std::to_string(code)});
    CHECK(f.socket.error().code == ErrorCode::fatal_close);
    return f.socket.error().message;
  };
  CHECK(message_of({}, 4401, "expired") ==
        "the connection was closed with 4401 (expired): the default rule 4000-4999, "
        "CloseAction::fatal, ends the socket; to retry, add to ReconnectOptions::rules: "
        "{4401, 4401, CloseAction::retry}");
  CHECK(message_of({{1000, 1001, CloseAction::fatal}}, 1000, "") ==
        "the connection was closed with 1000: your rule 1000-1001, CloseAction::fatal, ends the "
        "socket; to retry, add to ReconnectOptions::rules: {1000, 1000, CloseAction::retry}");
}

TEST_CASE("a failed attempt can be fatal by its code; with one attempt, the close has no error") {
  Fixture attempt(with([](Options& o) { o.reconnect.rules = {{0, 65535, CloseAction::fatal}}; }));
  attempt.runtime.connection().fail();
  CHECK(attempt.recorder.take() == Lines{"state connecting", "error connection_failed",
                                         "error fatal_close", "state closed", "close 1006"});
  Fixture once(with([](Options& o) { o.reconnect.max_attempts = 0; }));
  once.opened().runtime.connection().close(4000);
  CHECK(once.recorder.take() == Lines{"state closed", "close 4000"});
  Fixture closed;
  closed.opened().socket.close();
  closed.runtime.connection().close(4000);
  CHECK(closed.recorder.take() == Lines{"state closing", "state closed", "close 4000"});
}

TEST_CASE("retry-after may be anywhere in a close reason, in whole seconds, up to a day") {
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

TEST_CASE("retry-after is a minimum delay, and clients are spread over the time after it") {
  const Settings settings;
  const double calls = retry_after("retry-after=20");
  const auto early = ReconnectPolicy(settings).next(CloseAction::later, calls, true, 0, 0.0);
  const auto late = ReconnectPolicy(settings).next(CloseAction::later, calls, true, 0, 0.99);
  REQUIRE((early && late));
  CHECK(early->delay == 20'000);
  CHECK(late->delay == 20'990);
  CHECK((early->is_asked_for && late->is_asked_for));
}

TEST_CASE("the delay of `later` is between later_min and later_max") {
  const Settings settings{.reconnect_later_min = 2'000, .reconnect_later_max = 4'000};
  CHECK(ReconnectPolicy(settings).next(CloseAction::later, -1, true, 0, 0.0)->delay == 2'000);
  CHECK(ReconnectPolicy(settings).next(CloseAction::later, -1, true, 0, 0.5)->delay == 3'000);
}

TEST_CASE("at_once skips the delay only after a stable connection") {
  const Settings settings;
  CHECK(ReconnectPolicy(settings).next(CloseAction::at_once, -1, true, 0, 0.5)->delay == 0);
  CHECK(ReconnectPolicy(settings).next(CloseAction::at_once, -1, false, 0, 0.5)->delay == 500);
}

TEST_CASE(
    "a server that accepts and closes at once is retried with growing delays under any rule") {
  Fixture f(with([](Options& o) { o.reconnect.rules = {{0, 65535, CloseAction::at_once}}; }));
  f.runtime.fix_random(0.5);
  for (int i = 0; i < 100; ++i) {
    f.runtime.connection().accept();
    f.runtime.connection().close(1000);
    f.runtime.advance_to_next_timer();
  }
  // Delays of 0.5 s, 1.3 s, 2.7 s, then 3.3 s each.
  CHECK(f.runtime.now() > 320s);
}

TEST_CASE("max_elapsed counts from the first attempt, and from the loss of a stable connection") {
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
  // The next attempt would be 4 s later.
  f.runtime.connection().fail();
  CHECK(f.recorder.take() == Lines{"state connecting", "error connection_failed", "error gave_up",
                                   "state closed", "close 1006"});
  CHECK(f.socket.error().code == ErrorCode::gave_up);
  CHECK(f.runtime.timers() == 0);
}

TEST_CASE("with max_attempts 0 a failed attempt does not report gave_up") {
  Fixture f(with([](Options& o) { o.reconnect.max_attempts = 0; }));
  f.runtime.connection().fail();
  CHECK(f.recorder.take() ==
        Lines{"state connecting", "error connection_failed", "state closed", "close 1006"});
}

TEST_CASE("decide precedes the rules, and may return nothing to apply them") {
  std::vector<int> calls;
  Fixture f(with([&](Options& o) {
    o.reconnect.decide = [&](const CloseInfo& info) -> std::optional<CloseAction> {
      calls.push_back(info.code);
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
  CHECK(f.recorder.take() == Lines{"error fatal_close", "state closed", "close 1000"});
  CHECK(calls == std::vector<int>{4001, 1001, 1000});
}

TEST_CASE("decide may call any method of the socket, and each end has one close event") {
  struct Case {
    void (*act)(std::unique_ptr<steady::Socket>&);
    Lines events;
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
    int calls = 0;
    Options options = options_for_tests();
    options.reconnect.decide = [&](const CloseInfo&) -> std::optional<CloseAction> {
      ++calls;
      CHECK(socket->state() == State::waiting);
      one.act(socket);
      return CloseAction::retry;
    };
    socket = std::make_unique<steady::Socket>(std::move(options), runtime);
    Recorder recorder(*socket);
    runtime.connection().accept();
    recorder.take();
    runtime.connection().drop();
    CHECK(calls == 1);
    CHECK(recorder.take() == one.events);
    CHECK(runtime.transports() == one.transports);
  }
}

TEST_CASE("the state change of a call in decide has the state before decide as previous") {
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
