// Batches: JSON messages that are sent and received as one array.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "fixture.hpp"

using steady::DropReason;
using steady::Options;
using steady::Payload;
using steady::SendStatus;
using steady::Socket;
using steady::Subscription;
using steady::TransportSend;
using steady::testing::ManualRuntime;

namespace {

Options batched(std::string subprotocol = {}) {
  Options options = options_for_tests();
  options.batch.emplace().subprotocol = std::move(subprotocol);
  options.subprotocols = {"plain", "batches"};
  return options;
}

}  // namespace

TEST_CASE("JSON messages sent in one task are sent as one array, in order") {
  Fixture f(batched());
  f.opened();
  CHECK(f.socket.send(Payload::json("1")).status == SendStatus::queued);
  CHECK(f.socket.send(Payload::json("{}")).status == SendStatus::queued);
  CHECK(sent_texts(f.runtime.connection()).empty());
  f.runtime.run_posted();
  CHECK(sent_texts(f.runtime.connection()) == Lines{"[1,{}]"});
  CHECK(f.socket.queued_messages() == 0);
  CHECK(f.recorder.take().empty());
}

TEST_CASE("a single message is sent without an array around it, unless it is an array itself") {
  Fixture f(batched());
  f.opened();
  f.socket.send(Payload::json("{}"));
  f.runtime.run_posted();
  f.socket.send(Payload::json("[1]"));
  f.runtime.run_posted();
  f.socket.send(Payload::json("\n [2]"));
  f.runtime.run_posted();
  CHECK(sent_texts(f.runtime.connection()) == Lines{"{}", "[[1]]", "[\n [2]]"});
}

TEST_CASE("messages that are not JSON keep their order between batches") {
  Fixture f(batched());
  f.opened();
  f.socket.send(Payload::json("1"));
  f.socket.send(Payload::json("2"));
  f.socket.send("text");
  f.socket.send(std::as_bytes(std::span("b", 1)));
  f.socket.send(Payload::json("3"));
  f.socket.send(Payload::json("4"));
  f.runtime.run_posted();
  CHECK(sent_texts(f.runtime.connection()) == Lines{"[1,2]", "text", "b", "[3,4]"});
}

TEST_CASE("a frame is limited in messages and bytes, and sent at once when it is full") {
  Options options = batched();
  options.batch->max_messages = 3;
  options.batch->max_bytes = 20;
  Fixture f(std::move(options));
  f.opened();
  for (int i = 0; i < 4; ++i) f.socket.send(Payload::json("1"));
  CHECK(sent_texts(f.runtime.connection()) == Lines{"[1,1,1]"});
  f.runtime.run_posted();
  CHECK(sent_texts(f.runtime.connection()).back() == "1");
  const std::string eight = "\"123456\"";
  f.socket.send(Payload::json(eight));
  f.socket.send(Payload::json(eight));
  f.socket.send(Payload::json(eight));
  f.runtime.run_posted();
  const std::string large = "\"" + std::string(100, 'x') + "\"";
  f.socket.send(Payload::json("2"));
  f.socket.send(Payload::json(large));
  f.runtime.run_posted();
  const Lines sent = sent_texts(f.runtime.connection());
  CHECK(Lines(sent.begin() + 2, sent.end()) ==
        Lines{"[" + eight + "," + eight + "]", eight, "2", large});
}

TEST_CASE("more messages can be sent in one task than the queue holds") {
  Options options = batched();
  options.queue.max_messages = 64;
  Fixture f(std::move(options));
  f.opened();
  for (int i = 0; i < 1'000; ++i) {
    CHECK(f.socket.send(Payload::json("1")).status == SendStatus::queued);
  }
  f.runtime.run_posted();
  CHECK(f.recorder.take().empty());
  CHECK(f.socket.queued_messages() == 0);
}

TEST_CASE("an open connection accepts the same messages with and without batches") {
  for (const bool with_batches : {false, true}) {
    Options options = batched();
    if (!with_batches) options.batch.reset();
    options.queue = {.max_messages = 10, .max_bytes = 100};
    Fixture f(std::move(options));
    f.opened();
    const std::string large = "\"" + std::string(1'000, 'x') + "\"";
    const std::string array = "[" + large + "]";
    for (int i = 0; i < 30; ++i) f.socket.send(Payload::json("1"));
    f.socket.send(Payload::json(large));
    f.socket.send(Payload::json("2"));
    f.socket.send(large);
    f.socket.send(Payload::json("3"));
    f.socket.send(Payload::json(array));
    f.socket.send(Payload::json("4"));
    f.runtime.run_posted();
    CHECK(f.recorder.take().empty());
    Lines sent = sent_texts(f.runtime.connection());
    CHECK(sent.back() == "4");
    std::string all;
    for (const std::string& text : sent) all += text + "\n";
    CHECK(std::count(all.begin(), all.end(), '1') == 30);
    CHECK(all.find(with_batches ? "[" + array + "]\n" : "\n" + array + "\n") != std::string::npos);
    CHECK(f.socket.queued_messages() == 0);
  }
}

TEST_CASE("with batches, a message is rejected if the platform's buffer and the queue are full") {
  Options options = batched();
  options.queue.max_bytes = 10;
  options.high_water_mark = 10;
  Fixture f(std::move(options));
  f.opened();
  f.runtime.connection().hold_buffer();
  f.socket.send("0123456789");
  CHECK(f.socket.send(Payload::json("12345678")).status == SendStatus::queued);
  CHECK(f.socket.send(Payload::json("12345678")).reason == DropReason::queue_full);
}

TEST_CASE("a frame may have exactly batch.max_bytes") {
  Options options = batched();
  options.batch->max_bytes = 9;
  Fixture f(std::move(options));
  f.opened();
  for (const char* text : {"111", "222", "3333", "444"}) f.socket.send(Payload::json(text));
  f.runtime.run_posted();
  CHECK(sent_texts(f.runtime.connection()) == Lines{"[111,222]", "3333", "444"});
}

TEST_CASE("a first message that the platform refuses is reported") {
  Fixture f(with([](Options& o) { o.first_message = "me"; }));
  f.runtime.connection().answer_send_with(TransportSend::refused);
  f.runtime.connection().accept();
  CHECK(f.recorder.take() ==
        Lines{"state connecting", "state open", "open", "error invalid_option"});
}

TEST_CASE("messages queued before the connection opened are sent in batches") {
  Fixture f(batched());
  for (int i = 0; i < 130; ++i) f.socket.send(Payload::json("1"));
  f.opened();
  const Lines sent = sent_texts(f.runtime.connection());
  CHECK(sent.size() == 3);
  CHECK(sent.front().size() == 2 * 64 + 1);
  CHECK(sent.back() == "[1,1]");
}

TEST_CASE("a batch waits only until the platform's buffer has drained") {
  Options options = batched();
  options.high_water_mark = 10;
  Fixture f(std::move(options));
  f.opened();
  f.runtime.connection().hold_buffer();
  f.socket.send("0123456789");
  f.socket.send(Payload::json("1"));
  f.socket.send(Payload::json("2"));
  f.runtime.run_posted();
  CHECK(f.socket.queued_messages() == 2);
  f.runtime.connection().drain();
  f.runtime.advance(20ms);
  CHECK(sent_texts(f.runtime.connection()).back() == "[1,2]");
}

TEST_CASE("close sends the batch that is being filled") {
  Fixture f(batched());
  f.opened();
  f.socket.send(Payload::json("1"));
  f.socket.send(Payload::json("2"));
  f.socket.close();
  CHECK(sent_texts(f.runtime.connection()) == Lines{"[1,2]"});
}

TEST_CASE("an open batch of a lost connection is sent on the next one") {
  Fixture f(batched());
  f.opened();
  f.socket.send(Payload::json("1"));
  f.socket.send(Payload::json("2"));
  f.runtime.connection().drop();
  f.runtime.advance(1s);
  f.runtime.connection().accept();
  CHECK(sent_texts(f.runtime.connection()) == Lines{"[1,2]"});
}

TEST_CASE("a batch that the platform refuses is reported message by message") {
  Fixture f(batched());
  f.opened();
  f.runtime.connection().answer_send_with(TransportSend::refused);
  f.socket.send(Payload::json("1"));
  f.socket.send(Payload::json("2"));
  f.runtime.run_posted();
  CHECK(f.recorder.take() == Lines{"drop 1 refused 1", "drop 2 refused 2"});
}

TEST_CASE("with batch.subprotocol, only a connection with that subprotocol has batches") {
  for (const bool agrees : {true, false}) {
    Fixture f(batched("batches"));
    f.runtime.connection().accept(agrees ? "batches" : "plain");
    f.recorder.take();
    f.socket.send(Payload::json("1"));
    f.socket.send(Payload::json("2"));
    f.runtime.run_posted();
    CHECK(sent_texts(f.runtime.connection()) == (agrees ? Lines{"[1,2]"} : Lines{"1", "2"}));
    f.runtime.connection().deliver_text("[3,4]");
    CHECK(f.recorder.take() == (agrees ? Lines{"text 3", "text 4"} : Lines{"text [3,4]"}));
  }
}

TEST_CASE("external payloads are passed to the transport as a batch of handles") {
  Fixture f(batched());
  f.opened();
  f.socket.send(Payload::external_json(7, 1, nullptr));
  f.socket.send(Payload::external_json(8, 1, nullptr));
  f.socket.send(Payload::json("1"));
  f.runtime.run_posted();
  const auto& sent = f.runtime.connection().sent();
  CHECK(sent.size() == 2);
  CHECK(sent[0].batch == std::vector<std::uint32_t>{7, 8});
  CHECK(sent[1].data == "1");
}

TEST_CASE("after a handler has closed the socket, the rest of its batch is not dispatched") {
  Fixture f(batched());
  f.opened();
  const Subscription closes = f.socket.on_message([&](const steady::Message& message) {
    if (message.data == "2") f.socket.close();
  });
  f.runtime.connection().deliver_text("[1,2,3]");
  CHECK(f.recorder.take() == Lines{"text 1", "text 2", "state closing"});
}

TEST_CASE("after a handler has destroyed the socket, the rest of its batch is not dispatched") {
  ManualRuntime runtime;
  auto socket = std::make_unique<Socket>(batched(), runtime);
  runtime.connection().accept();
  int received = 0;
  socket
      ->on_message([&](const steady::Message&) {
        ++received;
        socket.reset();
      })
      .keep();
  runtime.connection().deliver_text("[1,2,3]");
  CHECK(received == 1);
}

TEST_CASE("a malformed batch is an error, and affects neither the connection nor the next batch") {
  Fixture f(batched());
  f.opened();
  f.runtime.connection().deliver_text("[1,");
  CHECK(f.recorder.take() == Lines{"text 1", "error malformed_message"});
  f.runtime.connection().deliver_text("[2]");
  CHECK(f.recorder.take() == Lines{"text 2"});
  CHECK(f.socket.state() == State::open);
}
