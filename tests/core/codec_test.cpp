#include "steady/codec.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "catch.hpp"
#include "recorder.hpp"

using steady::Error;
using steady::ErrorCode;
using steady::Message;
using steady::MessageKind;
using steady::Payload;
using steady::SendStatus;
using steady::Socket;
using steady::Subscription;
using steady::testing::ManualRuntime;

namespace {

struct Celsius {
  int degrees = 0;
};

struct SendOnly {};

struct Label {
  operator std::string_view() const { return "label"; }  // NOLINT
};

}  // namespace

template <>
struct steady::Codec<Celsius> {
  static Payload encode(const Celsius& value) {
    return Payload::text(R"({"type":"celsius",)" + std::to_string(value.degrees) + "}");
  }
  static Error decode(const Message& message, Celsius& value) {
    const std::string_view text = message.data.substr(message.data.find(',') + 1);
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value.degrees);
    if (read.ec == std::errc()) return {};
    return {ErrorCode::malformed_message, "no number"};
  }
};

template <>
struct steady::Codec<SendOnly> {
  static Payload encode(const SendOnly&) { return Payload::binary({}); }
};

namespace {

/// A connected socket, and its events.
struct Fixture {
  Fixture() {
    runtime.connection().accept();
    recorder.take();
  }

  ManualRuntime runtime;
  Socket socket{options_for_tests(), runtime};
  Recorder recorder{socket};
};

constexpr const char* malformed = R"({"type":"celsius",warm})";

}  // namespace

TEST_CASE("a value is sent as its codec encodes it, and received as the codec decodes it") {
  Fixture f;
  std::vector<int> received;
  const Subscription subscription = f.socket.on<Celsius>(
      "celsius", [&](const Celsius& value) { received.push_back(value.degrees); });
  CHECK(f.socket.send(Celsius{21}).status == SendStatus::sent);
  CHECK(f.socket.send(SendOnly{}).status == SendStatus::sent);
  const auto& sent = f.runtime.connection().sent();
  REQUIRE(sent.size() == 2);
  CHECK(sent[0].data == R"({"type":"celsius",21})");
  CHECK(sent[1].kind == MessageKind::binary);
  f.runtime.connection().deliver_text(sent[0].data);
  f.runtime.connection().deliver_text(R"({"type":"celsius",-4})");
  CHECK(received == std::vector<int>{21, -4});
}

TEST_CASE("a message that does not decode is one error, and reaches other handlers") {
  Fixture f;
  int values = 0;
  int messages = 0;
  std::string reported;
  const auto count_value = [&](const Celsius&) { ++values; };
  const auto count_message = [&](const Message&) { ++messages; };
  const Subscription first = f.socket.on("celsius", count_message);
  const Subscription second = f.socket.on<Celsius>("celsius", count_value);
  const Subscription third = f.socket.on<Celsius>("celsius", count_value);
  const Subscription fourth = f.socket.on("celsius", count_message);
  const Subscription fifth = f.socket.on<Celsius>("*", count_value);
  const Subscription on_error = f.socket.on_error([&](const Error& e) { reported = e.message; });

  f.runtime.connection().deliver_text(malformed);
  CHECK(f.recorder.take() == Lines{std::string("text ") + malformed, "error malformed_message"});
  CHECK(reported == std::string("\"celsius\": no number: ") + malformed);
  CHECK(f.socket.error().code == ErrorCode::malformed_message);
  CHECK(values == 0);
  CHECK(messages == 2);

  CHECK(f.socket.state() == State::open);
  f.runtime.connection().deliver_text(R"({"type":"celsius",1})");
  CHECK(f.recorder.take() == Lines{R"(text {"type":"celsius",1})"});
  CHECK(values == 3);
  f.runtime.connection().deliver_text(malformed);
  CHECK(f.recorder.take().back() == "error malformed_message");
}

TEST_CASE("a handler of values may unsubscribe itself, and close or destroy the socket") {
  ManualRuntime runtime;
  auto socket = std::make_unique<Socket>(options_for_tests(), runtime);
  runtime.connection().accept();
  int calls = 0;
  const auto deliver = [&] { runtime.connection().deliver_text(R"({"type":"celsius",1})"); };
  Subscription subscription;
  SECTION("unsubscribe") {
    subscription = socket->on<Celsius>("celsius", [&](const Celsius&) {
      ++calls;
      subscription.unsubscribe();
    });
    deliver();
    deliver();
  }
  SECTION("close") {
    subscription = socket->on<Celsius>("celsius", [&](const Celsius&) {
      ++calls;
      socket->close();
    });
    deliver();
    CHECK(socket->state() == State::closing);
  }
  SECTION("destroy") {
    subscription = socket->on<Celsius>("celsius", [&](const Celsius& value) {
      calls += value.degrees;
      socket.reset();
    });
    const Subscription later = socket->on<Celsius>("*", [&](const Celsius&) { ++calls; });
    deliver();
    CHECK(socket == nullptr);
    CHECK(runtime.connection().abandoned());
  }
  CHECK(calls == 1);
}

TEST_CASE("a decoding error is not reported if the socket is destroyed first") {
  ManualRuntime runtime;
  auto socket = std::make_unique<Socket>(options_for_tests(), runtime);
  runtime.connection().accept();
  int errors = 0;
  const Subscription on_error = socket->on_error([&](const Error&) { ++errors; });
  const Subscription first = socket->on<Celsius>("celsius", [](const Celsius&) {});
  const Subscription second = socket->on("celsius", [&](const Message&) { socket.reset(); });
  runtime.connection().deliver_text(malformed);
  runtime.run_posted();
  CHECK(socket == nullptr);
  CHECK(errors == 0);
}

TEST_CASE("strings, bytes and payloads are sent unchanged, with or without codecs") {
  Fixture f;
  const std::string text = "text";
  const std::vector<std::byte> bytes(3);
  char array[] = "array";
  f.socket.send("literal");
  f.socket.send(text);
  f.socket.send(std::string_view(text));
  f.socket.send(text.c_str());
  f.socket.send(array);
  f.socket.send(Label{});
  f.socket.send(Payload::text("payload"));
  CHECK(sent_texts(f.runtime.connection()) ==
        Lines{"literal", "text", "text", "text", "array", "label", "payload"});
  f.socket.send(bytes);
  f.socket.send(std::array<std::byte, 3>{});
  f.socket.send(std::span(bytes));
  CHECK(f.runtime.connection().sent().size() == 10);
  CHECK(f.runtime.connection().sent().back().kind == MessageKind::binary);
}

TEST_CASE("a contiguous range of bytes, or a pointer with a size, is sent as a binary message") {
  Fixture f;
  const std::vector<std::uint8_t> vector{8, 1, 255};
  unsigned char array[] = {8, 1, 255};
  const auto check = [&](const steady::SendResult& result) {
    CHECK(result.status == steady::SendStatus::sent);
    CHECK(f.runtime.connection().sent().back().kind == MessageKind::binary);
    CHECK(f.runtime.connection().sent().back().data == "\x08\x01\xff");
  };
  check(f.socket.send(vector));
  check(f.socket.send(array));
  check(f.socket.send(std::array<std::uint8_t, 3>{8, 1, 255}));
  check(f.socket.send(std::span(vector)));
  check(f.socket.send(std::span<std::uint8_t>(array)));
  check(f.socket.send(std::as_bytes(std::span(vector)), {.track = true}));
  check(f.socket.send(vector, {.track = true}));
  check(f.socket.send_binary(array, 3));
  // Protobuf's SerializeAsString and others keep bytes in strings.
  const std::string serialized = "\x08\x01\xff";
  check(f.socket.send_binary(serialized.data(), serialized.size(), {.ttl = 1s}));
  CHECK(f.runtime.connection().sent().size() == 9);
  f.socket.send_binary(nullptr, 0);
  CHECK(f.runtime.connection().sent().back().data.empty());
}
