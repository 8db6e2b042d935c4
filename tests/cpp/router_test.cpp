#include "router.hpp"

#include <string>
#include <vector>

#include "catch.hpp"

using steady::Message;
using steady::MessageKind;
using steady::Subscription;
using steady::detail::Router;
using Lines = std::vector<std::string>;

namespace {

auto record(Lines& lines, std::string name) {
  return [&lines, name](const Message& message) {
    lines.push_back(name + ":" + std::string(message.type) + ":" + std::string(message.data));
  };
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
  router.dispatch(MessageKind::text, text);
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
    router.dispatch(MessageKind::text, text);
    CHECK(lines.empty());
  }
}

TEST_CASE("binary messages are not routed") {
  Router router("type");
  Lines lines;
  const Subscription a = router.on("a", record(lines, "a"));
  const Subscription all = router.on_message(record(lines, "all"));
  router.dispatch(MessageKind::binary, R"({"type":"a"})");
  CHECK(lines == Lines{R"(all::{"type":"a"})"});
}

TEST_CASE("the routing member can have another name") {
  Router router("event");
  Lines lines;
  const Subscription a = router.on("a", record(lines, "a"));
  router.dispatch(MessageKind::text, R"({"type":"b","event":"a"})");
  CHECK(lines.size() == 1);
}

TEST_CASE("a message whose type is * is told once") {
  Router router("type");
  Lines lines;
  const Subscription any = router.on("*", record(lines, "any"));
  router.dispatch(MessageKind::text, R"({"type":"*"})");
  CHECK(lines.size() == 1);
}

TEST_CASE("a router wants only what somebody listens to") {
  Router router("type");
  CHECK_FALSE(router.wants(MessageKind::text));
  Subscription a = router.on("a", [](const Message&) {});
  CHECK(router.wants(MessageKind::text));
  CHECK_FALSE(router.wants(MessageKind::binary));
  a.unsubscribe();
  CHECK_FALSE(router.wants(MessageKind::text));
  const Subscription all = router.on_message([](const Message&) {});
  CHECK(router.wants(MessageKind::binary));
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
  router.dispatch(MessageKind::text, R"({"type":"\u0061"})");
  CHECK(calls == 2);
}
