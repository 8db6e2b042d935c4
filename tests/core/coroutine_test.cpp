// steady/coroutine.hpp.

#include "steady/coroutine.hpp"

#include <memory>
#include <string>
#include <utility>

#include "catch.hpp"
#include "fixture.hpp"
#include "steady/json.hpp"

using steady::json;
using steady::Socket;
using steady::Task;

namespace {

struct Hit {
  int damage = 0;
};
bool from_json(const json& in, Hit& hit) { return steady::read(in, "damage", hit.damage); }

/// Appends to `lines` when it is destroyed.
struct Goodbye {
  Lines& lines;
  ~Goodbye() { lines.push_back("destroyed"); }
};

Task play(Socket& socket, Lines& lines) {
  const Goodbye goodbye{lines};
  const bool is_open = co_await steady::opened(socket);
  lines.push_back(is_open ? "open" : "not open");
  const json lobby{{"room", "lobby"}};
  const auto joined = co_await steady::request(socket, "join", lobby);
  json reply;
  lines.push_back(std::string(to_string(joined.status)) + " " + joined.error +
                  (joined.read(reply) ? reply.at("seat").dump() : ""));
  while (const auto hit = co_await steady::next<Hit>(socket, "hit")) {
    lines.push_back("hit " + std::to_string(hit->damage));
  }
  lines.push_back("over");
}

Task wait(Socket& socket, Lines& lines) {
  const bool is_open = co_await steady::opened(socket);
  lines.push_back(is_open ? "open" : to_string(socket.error().code));
  const auto message = co_await steady::next(socket, "*");
  lines.push_back(message ? "message" : "none");
}

Task leave(std::unique_ptr<Socket>& socket, Lines& lines) {
  const auto message = co_await steady::next(*socket, "bye");
  lines.push_back(message ? message->data : "none");
  socket.reset();
  lines.push_back("left");
}

std::string id_of_last(Fixture& f) {
  return json::parse(f.runtime.connection().sent().back().data).at("id").get<std::string>();
}

// In each test `lines` outlives the socket, whose end destroys coroutines.

/// A coroutine that waits for hits.
void begin(Fixture& f, Lines& lines) {
  play(f.socket, lines);
  f.runtime.connection().accept();
  f.runtime.connection().deliver_text(json{{"id", id_of_last(f)}, {"seat", 4}}.dump());
  CHECK(std::exchange(lines, {}) == Lines{"open", "answered 4"});
}

}  // namespace

TEST_CASE("a coroutine waits for a connection, a reply and messages, until the socket closes") {
  Lines lines;
  Fixture f;
  begin(f, lines);
  f.runtime.connection().deliver_text(R"({"type":"hit","damage":1})");
  f.runtime.connection().deliver_text(R"({"type":"hit","damage":"much"})");
  f.runtime.connection().deliver_text(R"({"type":"miss"})");
  f.runtime.connection().deliver_text(R"({"type":"hit","damage":2})");
  CHECK(std::exchange(lines, {}) == Lines{"hit 1", "hit 2"});
  CHECK(f.socket.error().code == steady::ErrorCode::malformed_message);
  f.runtime.connection().drop();
  f.runtime.advance(1s);
  f.runtime.connection().accept();
  f.runtime.connection().deliver_text(R"({"type":"hit","damage":3})");
  CHECK(std::exchange(lines, {}) == Lines{"hit 3"});
  f.socket.close();
  f.runtime.connection().close(1005);
  f.runtime.run_posted();
  CHECK(lines == Lines{"over", "destroyed"});
}

TEST_CASE("coroutines that wait for a destroyed socket are destroyed") {
  Lines lines;
  {
    Fixture f;
    play(f.socket, lines);
    CHECK(lines.empty());
  }
  CHECK(std::exchange(lines, {}) == Lines{"destroyed"});
  {
    Fixture f;
    play(f.socket, lines);
    f.runtime.connection().accept();
    CHECK(lines == Lines{"open"});
  }
  CHECK(std::exchange(lines, {}) == Lines{"open", "destroyed"});
  {
    Fixture f;
    begin(f, lines);
  }
  CHECK(lines == Lines{"destroyed"});
}

TEST_CASE("on a closed socket a coroutine does not wait") {
  Lines lines;
  Fixture f;
  f.socket.close();
  f.runtime.connection().drop();
  REQUIRE(f.socket.state() == State::closed);
  play(f.socket, lines);
  CHECK(lines == Lines{"not open"});
  f.runtime.run_posted();
  CHECK(lines == Lines{"not open", "dropped the request was not sent", "over", "destroyed"});
}

TEST_CASE("a coroutine ends if the server closes the socket for good before it is open") {
  Lines lines;
  Fixture f;
  wait(f.socket, lines);
  f.runtime.connection().close(4001, "banned");
  CHECK(lines == Lines{"fatal_close", "none"});
}

TEST_CASE("a coroutine may destroy its socket") {
  steady::testing::ManualRuntime runtime;
  auto socket = std::make_unique<Socket>(options_for_tests(), runtime);
  Lines lines;
  leave(socket, lines);
  runtime.connection().accept();
  runtime.connection().deliver_text(R"({"type":"bye"})");
  CHECK(lines == Lines{R"({"type":"bye"})", "left"});
  CHECK(socket == nullptr);
}

TEST_CASE("with queued dispatch coroutines continue in poll") {
  Lines lines;
  Fixture f(with([](steady::Options& o) { o.dispatch = steady::Dispatch::queued; }));
  play(f.socket, lines);
  f.runtime.connection().accept();
  CHECK(lines.empty());
  f.socket.poll();
  CHECK(lines == Lines{"open"});
}
