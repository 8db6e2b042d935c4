#include "router.hpp"

#include <string>
#include <vector>

#include "allocations.hpp"
#include "catch.hpp"
#include "steady/testing/fake_transport.hpp"

using steady::Error;
using steady::ErrorCode;
using steady::Message;
using steady::MessageKind;
using steady::Subscription;
using steady::detail::Framing;
using steady::detail::Router;
using steady::testing::FakeInbound;
using Lines = std::vector<std::string>;

namespace {

auto record(Lines& lines, std::string name) {
  return [&lines, name](const Message& message) {
    lines.push_back(name + ":" + std::string(message.type) + ":" + std::string(message.data));
  };
}

/// Routes a message, and returns the number of bytes read.
std::size_t receive(Router& router, MessageKind kind, std::string_view data,
                    Framing framing = Framing::single) {
  FakeInbound inbound(kind, data);
  Error error = router.take(inbound, 100'000, framing);
  while (!error && router.dispatch_next(error)) {
  }
  CHECK_FALSE(error);
  return inbound.bytes_read();
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

TEST_CASE("text that is not a JSON object with a type is not routed") {
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

TEST_CASE("a message of type * is dispatched once") {
  Router router("type");
  Lines lines;
  const Subscription any = router.on("*", record(lines, "any"));
  receive(router, MessageKind::text, R"({"type":"*"})");
  CHECK(lines.size() == 1);
}

TEST_CASE("a message without a possible handler is not read") {
  Router router("type");
  CHECK(receive(router, MessageKind::text, "{}") == 0);
  Subscription a = router.on("a", [](const Message&) {});
  CHECK(receive(router, MessageKind::text, "{}") == 2);
  CHECK(receive(router, MessageKind::binary, "{}") == 0);
  a.unsubscribe();
  CHECK(receive(router, MessageKind::text, "{}") == 0);
  const Subscription all = router.on_message([](const Message&) {});
  CHECK(receive(router, MessageKind::binary, "{}") == 2);
}

TEST_CASE("routes without handlers are removed") {
  Router router("type");
  const Subscription stays = router.on("stays", [](const Message&) {});
  for (int i = 0; i < 100'000; ++i) {
    const Subscription reply = router.on("reply-" + std::to_string(i), [](const Message&) {});
  }
  CHECK(router.routes() <= 32);
  CHECK(receive(router, MessageKind::text, R"({"type":"stays"})") > 0);
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

TEST_CASE("only the beginning of a long message without a handler is read") {
  Router router("type");
  Lines lines;
  const Subscription a = router.on("a", record(lines, "a"));
  const std::string rest = R"(","text":")" + std::string(50'000, 'x') + "\"}";
  const std::string handled = R"({"type":"a)" + rest;
  const std::string unread = R"({"type":"b)" + rest;
  receive(router, MessageKind::text, unread);
  CHECK(receive(router, MessageKind::text, unread) < 1'000);
  CHECK(receive(router, MessageKind::text, R"({"no":1,"text":"x"})" + std::string(2'000, ' ')) <
        1'000);
  CHECK(lines.empty());
  CHECK(receive(router, MessageKind::text, handled) == handled.size());
  CHECK(lines == Lines{"a:a:" + handled});
  // With a handler of every message, messages are read whole.
  const Subscription all = router.on_message([](const Message&) {});
  receive(router, MessageKind::text, unread);
  CHECK(receive(router, MessageKind::text, unread) == unread.size());
}

TEST_CASE("a type late in a long message is found") {
  Router router("type");
  int calls = 0;
  const Subscription a = router.on("a", [&](const Message& message) {
    CHECK(message.type == "a");
    ++calls;
  });
  receive(router, MessageKind::text, "{}");
  receive(router, MessageKind::text,
          R"({"text":")" + std::string(50'000, 'x') + R"(","type":"\u0061"})");
  CHECK(calls == 1);
}

TEST_CASE("each element of a batch is dispatched as a message") {
  Router router("type");
  Lines lines;
  const Subscription a = router.on("a", record(lines, "a"));
  const Subscription all = router.on_message(record(lines, "all"));
  const std::string batch = R"( [ {"type":"a","n":[1,"]"]} , 7,{"type":"b"} ] )";
  receive(router, MessageKind::text, batch, Framing::batched);
  CHECK(lines == Lines{R"(all::{"type":"a","n":[1,"]"]})", R"(a:a:{"type":"a","n":[1,"]"]})",
                       "all::7", R"(all::{"type":"b"})"});
  lines.clear();
  for (const char* text : {R"({"type":"a"})", "x", ""}) {
    receive(router, MessageKind::text, text, Framing::batched);
  }
  CHECK(lines == Lines{R"(all::{"type":"a"})", R"(a:a:{"type":"a"})", "all::x", "all::"});
  lines.clear();
  receive(router, MessageKind::text, "[]", Framing::batched);
  CHECK(lines.empty());
  receive(router, MessageKind::text, R"([{"type":"a"}])");
  CHECK(lines == Lines{R"(all::[{"type":"a"}])"});
  lines.clear();
  receive(router, MessageKind::binary, R"([{"type":"a"}])", Framing::batched);
  CHECK(lines == Lines{R"(all::[{"type":"a"}])"});
}

TEST_CASE("a malformed batch is reported after the messages before the error") {
  struct Case {
    const char* text;
    std::size_t messages;
  };
  for (const Case& c :
       {Case{"[1,2", 2}, Case{"[1,]", 1}, Case{"[", 0}, Case{"[,1]", 0}, Case{"[1 2]", 1},
        Case{"[1]x", 1}, Case{"[]]", 0}, Case{"[{]", 1}, Case{"[\"a]", 0}}) {
    INFO(c.text);
    Router router("type");
    std::size_t received = 0;
    const Subscription all = router.on_message([&](const Message&) { ++received; });
    FakeInbound inbound(MessageKind::text, c.text);
    Error error = router.take(inbound, 1'000, Framing::batched);
    CHECK_FALSE(error);
    while (router.dispatch_next(error)) {
    }
    CHECK(error.code == ErrorCode::malformed_message);
    CHECK(received == c.messages);
  }
}

TEST_CASE("routing allocates nothing in the steady state") {
  Router router("type");
  int calls = 0;
  std::vector<Subscription> subscriptions;
  for (const char* type : {"alpha", "beta", "gamma", "*", "a type that fits in no small string"}) {
    subscriptions.push_back(router.on(type, [&](const Message&) { ++calls; }));
  }
  const auto round = [&] {
    for (const char* text :
         {R"({"type":"alpha"})", R"({"type":"beta","x":[1,2,3]})", R"({"type":"unheard"})",
          R"({"id":7,"type":"gamma"})", R"([{"type":"alpha"},{"type":"beta"}])",
          R"({"t\u0079pe":"a type that fits in no small \u0073tring"})"}) {
      FakeInbound inbound(MessageKind::text, text);
      Error error = router.take(inbound, 1'000, Framing::batched);
      while (router.dispatch_next(error)) {
      }
    }
  };
  round();
  calls = 0;
  const std::size_t before = allocations();
  round();
  CHECK(allocations() == before);
  CHECK(calls == 13);
}
