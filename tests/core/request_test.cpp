// Socket::request, and Socket::send of a value with a type.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "fixture.hpp"
#include "steady/json.hpp"

using steady::Dispatch;
using steady::DropReason;
using steady::json;
using steady::Options;
using steady::Reply;
using steady::RequestStatus;
using steady::SendStatus;

namespace {

/// Requests that record their result as a line.
struct Requests : Fixture {
  using Fixture::Fixture;

  void ask(const json& value = {{"room", "lobby"}}, const steady::RequestOptions& options = {}) {
    const std::string name = std::to_string(++asked);
    socket.request(
        "join", value,
        [this, name](const Reply& reply) {
          results.push_back(name + " " + to_string(reply.status) +
                            (reply.status == RequestStatus::dropped
                                 ? std::string(" ") + to_string(reply.reason)
                                 : std::string()) +
                            (reply.error.empty() ? "" : ": " + std::string(reply.error)));
        },
        options);
  }
  Lines settled() { return std::exchange(results, {}); }

  /// The id of the message that was sent last.
  std::string id() {
    const json sent = json::parse(runtime.connection().sent().back().data);
    return sent.at("id").get<std::string>();
  }
  void answer(const json& reply) { CHECK(runtime.connection().deliver_text(reply.dump())); }

  int asked = 0;
  Lines results;
};

struct Point {
  int x = 0;
};
void to_json(json& out, const Point& point) { out = {{"x", point.x}}; }
bool from_json(const json& in, Point& point) { return steady::read(in, "x", point.x); }

}  // namespace

TEST_CASE("send with a type adds the routing member to the value, and on<T> receives it") {
  Fixture f;
  f.opened();
  CHECK(f.socket.send("hit", Point{3}).status == SendStatus::sent);
  CHECK(f.socket.send("empty", json()).status == SendStatus::sent);
  CHECK(sent_texts(f.runtime.connection()) ==
        Lines{R"({"type":"hit","x":3})", R"({"type":"empty"})"});
  int x = 0;
  f.socket.on<Point>("hit", [&](const Point& point) { x = point.x; }).keep();
  f.runtime.connection().deliver_text(sent_texts(f.runtime.connection()).front());
  CHECK(x == 3);
}

TEST_CASE("the type is set where type_member says, in objects and arrays") {
  const auto sent = [](std::string member, const json& value) {
    Fixture f(with([&](Options& o) { o.type_member = std::move(member); }));
    f.opened();
    const auto result = f.socket.send("t", value);
    if (result.status == SendStatus::sent) return f.runtime.connection().sent().back().data;
    CHECK(result.reason == DropReason::refused);
    f.runtime.run_posted();
    CHECK(f.recorder.take() == Lines{"drop 0 refused "});
    return std::string("refused");
  };
  CHECK(sent("/header/kind", {{"x", 1}}) == R"({"header":{"kind":"t"},"x":1})");
  CHECK(sent("/a~1b/m~0n", json::object()) == R"({"a/b":{"m~n":"t"}})");
  CHECK(sent("/1", {1}) == R"([1,"t"])");
  CHECK(sent("/0", {1, 2}) == R"(["t",2])");
  CHECK(sent("/3", {1}) == "refused");
  CHECK(sent("/-", {1}) == "refused");
  CHECK(sent("/x", {1}) == "refused");
  CHECK(sent("type", 5) == "refused");
  CHECK(sent("type", "text") == "refused");
  CHECK(sent("/header/kind", {{"header", 1}}) == "refused");
}

TEST_CASE("a request is settled by the first message with its id, which handlers receive as well") {
  Requests f;
  f.opened();
  Point point;
  std::string type = "?";
  f.socket.request("where", json::object(), [&](const Reply& reply) {
    REQUIRE(reply);
    CHECK(reply.read(point));
    type = reply.message.type;
  });
  const std::string sent = sent_texts(f.runtime.connection()).back();
  CHECK(json::parse(sent).at("type") == "where");
  const std::string id = f.id();
  f.answer({{"id", "other"}, {"x", 1}});
  CHECK(point.x == 0);
  f.answer({{"id", id}, {"x", 7}});
  CHECK(point.x == 7);
  CHECK(type.empty());
  f.answer({{"id", id}, {"x", 8}});
  CHECK(point.x == 7);
  CHECK(f.recorder.take().size() == 3);
  f.runtime.advance(1min);
  CHECK(f.socket.stats().retries == 0);
}

TEST_CASE("a reply with the error member fails the request, with the server's description") {
  Requests f;
  f.opened();
  const std::pair<json, const char*> replies[] = {{"full", "1 failed: full"},
                                                  {{{"message", "no room"}}, "2 failed: no room"},
                                                  {{{"code", 5}}, "3 failed: failed"},
                                                  {true, "4 failed: failed"},
                                                  {nullptr, "5 answered"}};
  for (const auto& [error, result] : replies) {
    f.ask();
    f.answer({{"a", {1, {{"error", "inner"}}}}, {"error", error}, {"id", f.id()}});
    CHECK(f.settled() == Lines{result});
  }
}

TEST_CASE("a request without a reply times out once, also while it is queued") {
  Requests f;
  f.ask({{"n", 1}}, {.timeout = 3s});
  f.runtime.advance(2999ms);
  CHECK(f.settled().empty());
  CHECK(f.socket.queued_messages() == 1);
  f.runtime.advance(1ms);
  CHECK(f.settled() == Lines{"1 timed_out: no reply within the timeout"});
  CHECK(f.socket.queued_messages() == 0);
  f.opened();
  CHECK(f.runtime.connection().sent().empty());
  f.ask({{"n", 2}}, {.timeout = 3s});
  const std::string id = f.id();
  f.runtime.advance(3s);
  CHECK(f.settled() == Lines{"2 timed_out: no reply within the timeout"});
  f.answer({{"id", id}});
  f.runtime.connection().drop();
  CHECK(f.settled().empty());
}

TEST_CASE("a request whose connection ends is unanswered, or is sent again with the same id") {
  Requests f;
  f.opened();
  f.ask();
  f.ask({{"again", true}}, {.repeat = true});
  const std::string id = f.id();
  f.runtime.connection().drop();
  f.runtime.run_posted();
  CHECK(f.settled() == Lines{"1 unanswered: the connection ended before the reply"});
  f.runtime.advance(1s);
  f.runtime.connection().accept();
  CHECK(f.id() == id);
  f.answer({{"id", id}});
  CHECK(f.settled() == Lines{"2 answered"});
}

TEST_CASE("a request that is not sent is settled outside of the call, with the reason") {
  Requests f(with([](Options& o) { o.queue.max_messages = 1; }));
  f.ask();
  f.ask();
  f.ask(5);
  f.ask({{"n", 4}}, {.timeout = -1ms});
  CHECK(f.settled().empty());
  f.runtime.run_posted();
  CHECK(f.settled() == Lines{"2 dropped queue_full: the request was not sent",
                             "3 dropped refused: the request was not sent",
                             "4 dropped refused: the request was not sent"});
  CHECK(f.socket.error().code == steady::ErrorCode::invalid_option);
  f.socket.close();
  f.runtime.connection().drop();
  f.runtime.run_posted();
  CHECK(f.settled() == Lines{"1 dropped closed: the request was not sent"});
  f.ask();
  f.runtime.run_posted();
  CHECK(f.settled() == Lines{"5 dropped closed: the request was not sent"});
}

TEST_CASE("names of the protocol: the ids and the error of requests and replies") {
  Requests f(with([](Options& o) {
    o.requests = {.id_member = "/head/seq", .reply_member = "ack", .error_member = "problem"};
  }));
  f.opened();
  f.ask();
  const json sent = json::parse(f.runtime.connection().sent().back().data);
  const std::string id = sent.at("head").at("seq");
  f.answer({{"head", {{"seq", id}}}});
  CHECK(f.settled().empty());
  f.answer({{"ack", id}, {"error", "ignored"}, {"problem", "full"}});
  CHECK(f.settled() == Lines{"1 failed: full"});
  CHECK(steady::validate(with([](Options& o) { o.requests.id_member = ""; })));
  CHECK(steady::validate(with([](Options& o) { o.requests.reply_member = "/~2"; })));
  CHECK(steady::validate(with([](Options& o) { o.requests.error_member = ""; })));
}

TEST_CASE(
    "with queued dispatch requests are settled in poll, and a reply in the queue is in time") {
  Requests f(with([](Options& o) { o.dispatch = Dispatch::queued; }));
  f.opened();
  f.ask({{"n", 1}}, {.timeout = 1s});
  f.answer({{"id", f.id()}});
  f.ask({{"n", 2}}, {.timeout = 1s});
  f.runtime.advance(1s);
  CHECK(f.settled().empty());
  f.socket.poll();
  CHECK(f.settled() == Lines{"1 answered", "2 timed_out: no reply within the timeout"});
}

TEST_CASE("a handler of a request may destroy the socket, and requests end with it") {
  steady::testing::ManualRuntime runtime;
  auto socket = std::make_unique<steady::Socket>(options_for_tests(), runtime);
  runtime.connection().accept();
  const auto alive = std::make_shared<int>();
  int settled = 0;
  // A handler may own what cannot be copied.
  socket->request("a", json::object(),
                  [&socket, &settled, own = std::make_unique<int>(1)](const Reply&) {
                    settled += *own;
                    socket.reset();
                  });
  socket->request("b", json::object(), [alive, &settled](const Reply&) { settled += 10; });
  const json sent = json::parse(runtime.connection().sent().front().data);
  CHECK(alive.use_count() == 2);
  runtime.connection().deliver_text(json{{"id", sent.at("id")}}.dump());
  CHECK(settled == 1);
  CHECK(socket == nullptr);
  CHECK(alive.use_count() == 1);
  runtime.advance(1min);
  CHECK(settled == 1);
}

TEST_CASE("a socket without pending requests does not read messages for them") {
  Requests f;
  f.recorder.message_.unsubscribe();
  f.opened();
  f.runtime.connection().take_grants();
  f.ask();
  f.answer({{"id", f.id()}});
  CHECK(f.settled() == Lines{"1 answered"});
  f.runtime.connection().run_out_of_memory();
  CHECK(f.runtime.connection().deliver_text(R"({"id":"1"})"));
  CHECK_FALSE(f.socket.error());
}
