#include "steady/testing/life_log.hpp"

#include <cstdio>
#include <string>

#include "catch.hpp"
#include "recorder.hpp"
#include "steady/testing/recording_runtime.hpp"

using steady::CloseAction;
using steady::Options;
using steady::Socket;
using steady::testing::LifeLog;
using steady::testing::ManualRuntime;
using steady::testing::RecordingRuntime;

namespace {

/// The log of a short life with a rule, a queue, a reconnect and a decision.
LifeLog recorded() {
  LifeLog log;
  ManualRuntime runtime;
  RecordingRuntime recording(runtime, log);
  Options options = options_for_tests();
  options.reconnect.rules = {{4001, 4001, CloseAction::later}};
  options.reconnect.decide = [](const steady::CloseInfo&) { return CloseAction::retry; };
  Socket socket(options, recording);
  socket.send("waits");
  runtime.connection().accept();
  socket.send("goes");
  runtime.connection().drop();
  socket.send("secret");
  runtime.advance(2s);
  runtime.connection().accept();
  socket.close();
  runtime.advance(10s);
  return log;
}

}  // namespace

TEST_CASE("a recorded life replays without differences") {
  const LifeLog log = recorded();
  CHECK(log.inputs() > 10);
  CHECK(log.replay().empty());
}

TEST_CASE("a log can be written and parsed, and contains no string of the user") {
  const LifeLog log = recorded();
  const std::string text = log.text();
  CHECK(text.find("rule 4001 4001 3\n") != std::string::npos);
  CHECK(text.find("secret") == std::string::npos);
  CHECK(text.find("host") == std::string::npos);
  const auto parsed = LifeLog::parse(text);
  REQUIRE(parsed);
  CHECK(parsed->text() == text);
  CHECK(parsed->replay().empty());
}

TEST_CASE("a replay names the inputs to which a kernel reacts differently") {
  std::string text = recorded().text();
  const std::size_t at = text.find("\nresult 0 ");
  REQUIRE(at != std::string::npos);
  text.replace(at, 10, "\nresult 7 ");
  const auto changed = LifeLog::parse(text);
  REQUIRE(changed);
  CHECK(changed->replay() == "0");
}

TEST_CASE("an incomplete or invalid log is rejected") {
  const std::string text = recorded().text();
  CHECK(!LifeLog::parse(""));
  CHECK(!LifeLog::parse("something else"));
  CHECK(!LifeLog::parse("steadysocket life 1\n"));
  CHECK(!LifeLog::parse(text + "input 99 0 0 0 0 0 0 0 0 0 0\nresult 0 0\n"));
  CHECK(!LifeLog::parse(text + "input 1\n"));
  CHECK(!LifeLog::parse(text + "nonsense 1\n"));
  CHECK(!LifeLog::parse(text.substr(0, text.rfind("result"))));
  CHECK(!LifeLog::read("there is no such file"));
}

TEST_CASE("a runtime that records behaves like the one it wraps") {
  LifeLog log;
  ManualRuntime runtime;
  {
    RecordingRuntime recording(runtime, log);
    Socket socket(options_for_tests(), recording);
    Recorder recorder(socket);
    runtime.connection().accept();
    runtime.notice(steady::Hint::wake);
    CHECK(recorder.take().back() == "open");
    CHECK(runtime.watches() == 1);
    CHECK(recording.now() == runtime.now());
  }
  CHECK(runtime.watches() == 0);
  CHECK(runtime.timers() == 0);
}
