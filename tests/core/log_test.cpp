// Options::log.

#include "steady/log.hpp"

#include <memory>
#include <regex>
#include <string>
#include <string_view>
#include <utility>

#include "catch.hpp"
#include "fixture.hpp"
#include "masked.hpp"

using steady::CloseAction;
using steady::Dispatch;
using steady::Options;

namespace {

/// A socket that logs to `lines`, without the number of the socket.
struct Logged {
  explicit Logged(const std::function<void(Options&)>& change = {})
      : fixture(with([&](Options& o) {
          o.log = [this](std::string_view line) {
            const std::string text(line);
            CHECK(std::regex_search(text, std::regex("^steadysocket #[0-9]+ \\+[0-9]+ms ")));
            lines.push_back(text.substr(text.find('+')));
          };
          if (change) change(o);
        })) {}
  Lines take() {
    fixture.runtime.run_posted();
    return std::exchange(lines, {});
  }
  steady::testing::FakeConnection& connection() { return fixture.runtime.connection(); }

  Lines lines;
  Fixture fixture;
};

}  // namespace

TEST_CASE("the log has the states, the attempts, the rule that decided, and the frames") {
  Logged f([](Options& o) {
    o.url = "wss://user:secret@host/chat?token=secret&x";
    o.first_message = R"({"type":"join"})";
  });
  f.fixture.socket.send(R"({"type":"hello"})");
  CHECK(f.take() == Lines{"+0ms created for wss://***@host/chat?token=***&***",
                          "+0ms idle -> connecting",
                          "+0ms connecting to wss://***@host/chat?token=***&***, attempt 1",
                          R"(+0ms queued {"type":"hello"})"});
  f.fixture.runtime.advance(40ms);
  f.connection().accept("chat.v1");
  CHECK(f.take() == Lines{"+40ms connecting -> open, subprotocol chat.v1",
                          R"(+0ms sent {"type":"join"})", R"(+0ms sent {"type":"hello"})"});
  f.connection().deliver_text(R"({"type":"welcome"})");
  f.connection().deliver_binary("12345");
  CHECK(f.take() == Lines{R"(+0ms received {"type":"welcome"})", "+0ms received 5 bytes"});
  f.fixture.runtime.fix_random(0.5);
  f.fixture.runtime.advance(8s);
  f.connection().close(1012, "restarting");
  const Lines ended = f.take();
  REQUIRE(ended.size() == 3);
  CHECK(ended[0] == "+8000ms next: later by the default rule for 1012-1013");
  CHECK(ended[1].starts_with("+0ms open -> waiting, attempt 2 in "));
  CHECK(ended[1].ends_with(" ms (restarting)"));
  CHECK(ended[2] == "+0ms closed with 1012 (restarting), another attempt follows");
}

TEST_CASE("the log has errors and drops, and the rule of the program that ended the socket") {
  Logged f([](Options& o) {
    o.reconnect.rules = {{4005, 4005, CloseAction::fatal}};
    o.queue.max_messages = 1;
  });
  f.fixture.socket.send(R"({"type":"a"})");
  f.fixture.socket.send(std::string(150, 'x'));
  f.take();
  f.connection().fail();
  const Lines failed = f.take();
  REQUIRE(failed.size() == 4);
  CHECK(failed[0] == "+0ms error connection_failed: connection failed");
  CHECK(failed[1] == "+0ms next: retry by the default rule");
  f.fixture.runtime.advance(1s);
  f.connection().accept();
  f.fixture.socket.suspend();
  f.take();
  f.fixture.socket.send(R"({"type":"a"})");
  f.fixture.socket.send(std::string(150, 'x'));
  CHECK(f.take() == Lines{R"(+0ms queued {"type":"a"})",
                          "+0ms dropped " + std::string(100, 'x') + "\u2026 (queue_full)"});
  f.fixture.socket.resume();
  f.connection().accept();
  f.take();
  f.connection().close(4005);
  const Lines ended = f.take();
  REQUIRE(ended.size() == 4);
  CHECK(ended[0] == "+0ms next: fatal by reconnect.rules for 4005");
  CHECK(ended[3].find("no other attempt follows") != std::string::npos);
}

TEST_CASE("steps of the platform are logged in their order") {
  Logged f;
  f.take();
  f.connection().step("connected to 192.0.2.1:443");
  f.connection().accept();
  f.connection().step("received a ping");
  CHECK(f.take() == Lines{"+0ms connected to 192.0.2.1:443", "+0ms connecting -> open",
                          "+0ms received a ping"});
  Fixture silent;
  CHECK_FALSE(silent.runtime.connection().request().reports_steps);
  silent.runtime.connection().step("not reported");
}

TEST_CASE("a log does not change what handlers receive, and logs before them, also when queued") {
  Lines order;
  Fixture f(with([&](Options& o) {
    o.dispatch = Dispatch::queued;
    o.log = [&](std::string_view line) {
      order.push_back("log " + std::string(line.substr(line.find("ms ") + 3)));
    };
  }));
  f.runtime.connection().accept();
  const std::string large(70'000, 'y');
  f.runtime.connection().deliver_text(large);
  CHECK(order.size() == 5);
  CHECK(order.back() == "log received " + large.substr(0, 100) + "\u2026");
  CHECK(f.recorder.take().empty());
  f.socket.poll();
  CHECK(f.recorder.take() == Lines{"state connecting", "state open", "open", "text " + large});
}

TEST_CASE("messages that no handler reads are logged, and large ones by their size") {
  Logged f([](Options& o) { o.max_message_bytes = 10; });
  f.fixture.recorder.message_.unsubscribe();
  f.connection().accept();
  f.take();
  f.connection().deliver_text("short");
  f.connection().deliver_text("longer than ten");
  CHECK(f.take() == Lines{"+0ms received short", "+0ms received 15 bytes"});
}

TEST_CASE("the function of a log may send, and may destroy the socket") {
  steady::testing::ManualRuntime runtime;
  std::unique_ptr<steady::Socket> socket;
  Lines lines;
  Options options = options_for_tests();
  options.log = [&](std::string_view line) {
    lines.emplace_back(line.substr(line.find("ms ") + 3));
    if (lines.back() == "connecting -> open") socket->send("from the log");
    if (lines.back() == "received bye") socket.reset();
  };
  socket = std::make_unique<steady::Socket>(options, runtime);
  bool is_open = false;
  socket
      ->on_state_change(
          [&](const steady::StateChange& change) { is_open = change.state == State::open; })
      .keep();
  runtime.connection().accept();
  CHECK(is_open);
  CHECK(sent_texts(runtime.connection()) == Lines{"from the log"});
  runtime.connection().deliver_text("bye");
  runtime.run_posted();
  CHECK(socket == nullptr);
  CHECK(lines.back() == "received bye");
}

TEST_CASE("URLs in a log have no user, password or values of the query") {
  using steady::detail::masked;
  CHECK(masked("ws://h/p") == "ws://h/p");
  CHECK(masked("ws://a:b@h:1/p@x?a=b&c=&d#f") == "ws://***@h:1/p@x?a=***&c=***&***");
  CHECK(masked("wss://h?x=1") == "wss://h?x=***");
  CHECK(masked("could not reach \"wss://u@h/?k=v\" and ws://i@j") ==
        "could not reach \"wss://***@h/?k=***\" and ws://***@j");
  CHECK(masked("no URL: a@b?c=d") == "no URL: a@b?c=d");
  CHECK(masked("://") == "://");
}
