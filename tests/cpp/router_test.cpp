#include "router.hpp"

#include <string>
#include <vector>

#include "catch.hpp"
#include "steady/testing/fake_transport.hpp"

using steady::Message;
using steady::MessageKind;
using steady::Subscription;
using steady::detail::Router;
using steady::testing::FakeInbound;
using Lines = std::vector<std::string>;

namespace {

auto record(Lines& lines, std::string name) {
  return [&lines, name](const Message& message) {
    lines.push_back(name + ":" + std::string(message.type) + ":" + std::string(message.data));
  };
}

/// False if nobody read it.
bool receive(Router& router, MessageKind kind, std::string_view data) {
  FakeInbound message(kind, data);
  CHECK_FALSE(router.receive(message, 1'000));
  return message.was_read();
}

}  // namespace

TEST_CASE("a message goes to the handlers of its type and to those of every type") {
  Router router("type");
  Lines lines;
  const Subscription a = router.on("a", record(lines, "a"));
  const Subscription b = router.on("b", record(lines, "b"));
  const Subscription any = router.on("*", record(lines, "any"));
  const Subscription all = router.on_message(record(lines, "all"));
  const std::string text = R"({"type":"a","n":1})";
  receive(router, MessageKind::text, text);
  CHECK(lines == Lines{"all::" + text, "a:a:" + text, "any:a:" + text});
}

TEST_CASE("text that is not a JSON object with a type has no route") {
  Router router("type");
  Lines lines;
  const Subscription a = router.on("a", record(lines, "a"));
  const Subscription any = router.on("*", record(lines, "any"));
  for (const char* text :
       {"", "hello", "\"a\"", "[\"a\"]", R"(["type","a"])", "{}", R"({"type":1})",
        R"({"type":null})", R"({"x":{"type":"a"}})", R"({"type")", "42"}) {
    INFO(text);
    receive(router, MessageKind::text, text);
    CHECK(lines.empty());
  }
}

TEST_CASE("binary messages are not routed") {
  Router router("type");
  Lines lines;
  const Subscription a = router.on("a", record(lines, "a"));
  const Subscription all = router.on_message(record(lines, "all"));
  receive(router, MessageKind::binary, R"({"type":"a"})");
  CHECK(lines == Lines{R"(all::{"type":"a"})"});
}

TEST_CASE("the routing member can have another name") {
  Router router("event");
  Lines lines;
  const Subscription a = router.on("a", record(lines, "a"));
  receive(router, MessageKind::text, R"({"type":"b","event":"a"})");
  CHECK(lines.size() == 1);
}

TEST_CASE("a message whose type is * is told once") {
  Router router("type");
  Lines lines;
  const Subscription any = router.on("*", record(lines, "any"));
  receive(router, MessageKind::text, R"({"type":"*"})");
  CHECK(lines.size() == 1);
}

TEST_CASE("a message that nobody listens to is not read") {
  Router router("type");
  CHECK_FALSE(receive(router, MessageKind::text, "{}"));
  Subscription a = router.on("a", [](const Message&) {});
  CHECK(receive(router, MessageKind::text, "{}"));
  CHECK_FALSE(receive(router, MessageKind::binary, "{}"));
  a.unsubscribe();
  CHECK_FALSE(receive(router, MessageKind::text, "{}"));
  const Subscription all = router.on_message([](const Message&) {});
  CHECK(receive(router, MessageKind::binary, "{}"));
}

TEST_CASE("routes whose handlers are gone do not pile up") {
  Router router("type");
  const Subscription stays = router.on("stays", [](const Message&) {});
  for (int i = 0; i < 100'000; ++i) {
    const Subscription reply = router.on("reply-" + std::to_string(i), [](const Message&) {});
  }
  CHECK(router.routes() <= 32);
  CHECK(receive(router, MessageKind::text, R"({"type":"stays"})"));
}

TEST_CASE("a handler may add hundreds of routes while it runs") {
  Router router("type");
  int calls = 0;
  std::vector<Subscription> added;
  const Subscription a = router.on("a", [&](const Message& message) {
    for (int i = 0; i < 500; ++i) {
      added.push_back(router.on("t" + std::to_string(i), [](const Message&) {}));
    }
    CHECK(message.type == "a");
    ++calls;
  });
  const Subscription any = router.on("*", [&](const Message&) { ++calls; });
  receive(router, MessageKind::text, R"({"type":"\u0061"})");
  CHECK(calls == 2);
}
