#include "steady/socket.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <random>
#include <string>

#include "catch.hpp"
#include "fixture.hpp"

using steady::CloseOptions;
using steady::DropReason;
using steady::ErrorCode;
using steady::MessageKind;
using steady::Options;
using steady::Payload;
using steady::SendStatus;
using steady::Socket;
using steady::Start;
using steady::Subscription;
using steady::TransportSend;
using steady::testing::ManualRuntime;

namespace {

/// Writes down what it hears where a handler writes as well.
class Listener final : public steady::SocketListener {
 public:
  explicit Listener(Lines& lines) : lines_(lines) {}
  void on_open() override { lines_.push_back("heard open"); }
  void on_close(const steady::CloseInfo& info) override {
    lines_.push_back("heard close " + std::to_string(info.code));
  }
  void on_error(const steady::Error& error) override {
    lines_.push_back(std::string("heard error ") + to_string(error.code));
  }
  void on_state_change(const steady::StateChange& change) override {
    lines_.push_back(std::string("heard state ") + to_string(change.state));
  }
  void on_drop(const steady::Drop& drop) override {
    lines_.push_back(std::string("heard drop ") + to_string(drop.reason));
  }
  void on_outcome(const steady::Outcome& outcome) override {
    lines_.push_back("heard outcome " + std::to_string(outcome.id));
  }

 private:
  Lines& lines_;
};

}  // namespace

// --- Connecting ---

TEST_CASE("a socket connects when it is made, and tells so from the event loop") {
  Fixture f;
  CHECK(f.socket.state() == State::connecting);
  CHECK(f.runtime.connection().request().url == "ws://host/path");
  CHECK(f.recorder.take().empty());
  f.runtime.run_posted();
  CHECK(f.recorder.take() == Lines{"state connecting"});
  f.runtime.connection().accept("chat.v1");
  CHECK(f.recorder.take() == Lines{"state open", "open"});
  CHECK(f.socket.subprotocol() == "chat.v1");
}

TEST_CASE("a socket told to start later is idle until connect") {
  Fixture f(with([](Options& o) { o.start = Start::on_connect; }));
  f.runtime.run_posted();
  CHECK(f.socket.state() == State::idle);
  CHECK(f.runtime.transports() == 0);
  CHECK_FALSE(f.socket.connect());
  CHECK_FALSE(f.socket.connect());
  CHECK(f.runtime.transports() == 1);
  f.runtime.connection().accept();
  CHECK(f.socket.state() == State::open);
}

TEST_CASE("refused options close the socket at once, with the reason") {
  Fixture f(with([](Options& o) { o.url = "http://host"; }));
  CHECK(f.socket.state() == State::closed);
  CHECK(f.socket.error().code == ErrorCode::invalid_url);
  CHECK(f.runtime.transports() == 0);
  f.runtime.run_posted();
  CHECK(f.recorder.take() == Lines{"error invalid_url", "state closed", "close 1006"});
  CHECK(f.socket.connect().code == ErrorCode::invalid_state);
}

TEST_CASE("what the platform refuses at once is not tried again") {
  Fixture f(with([](Options& o) { o.start = Start::on_connect; }));
  f.runtime.refuse_next_open({ErrorCode::blocked, "mixed content"});
  CHECK(f.socket.connect().code == ErrorCode::blocked);
  CHECK(f.socket.state() == State::closed);
  f.runtime.advance(1h);
  CHECK(f.runtime.transports() == 1);
  CHECK(f.recorder.take() ==
        Lines{"state connecting", "error blocked", "state closed", "close 1006"});
}

TEST_CASE("what the platform refuses later is not tried again either") {
  Fixture f;
  f.runtime.connection().fail(ErrorCode::blocked);
  CHECK(f.recorder.take() ==
        Lines{"state connecting", "error blocked", "state closed", "close 1006"});
}

TEST_CASE("an attempt that takes too long is given up, and its late events are dropped") {
  Fixture f;
  f.runtime.fix_random(0.5);
  f.runtime.advance(9'999ms);
  CHECK(f.socket.state() == State::connecting);
  f.runtime.advance(1ms);
  CHECK(f.recorder.take() ==
        Lines{"state connecting", "error connect_timeout", "state waiting", "close 1006 retry"});
  CHECK(f.recorder.last_close.reason == "no answer within the connect timeout");
  CHECK(f.runtime.connection(0).abandoned());
  f.runtime.connection(0).accept();
  f.runtime.connection(0).fail();
  CHECK(f.recorder.take().empty());
  CHECK(f.socket.state() == State::waiting);
}

// --- Reconnecting ---

TEST_CASE("a server that is not there is a wait with a reason, then another attempt") {
  Fixture f;
  f.runtime.fix_random(0.5);
  f.runtime.run_posted();
  f.recorder.take();
  f.runtime.connection().fail();
  CHECK(f.recorder.take() == Lines{"error connection_failed", "state waiting", "close 1006 retry"});
  CHECK(f.recorder.last_change.retry_in == 500ms);
  CHECK(f.recorder.last_change.last_close.code == 1006);
  CHECK(f.socket.retry_in() == 500ms);
  f.runtime.advance(200ms);
  CHECK(f.socket.retry_in() == 300ms);
  f.runtime.advance(300ms);
  CHECK(f.socket.state() == State::connecting);
  CHECK(f.socket.retry_in() == std::nullopt);
  CHECK(f.runtime.transports() == 2);
}

TEST_CASE("connect while waiting tries at once, and only once") {
  Fixture f;
  f.runtime.connection().fail();
  CHECK_FALSE(f.socket.connect());
  CHECK(f.socket.state() == State::connecting);
  CHECK(f.runtime.transports() == 2);
  f.runtime.connection().accept();
  f.runtime.advance(1h);
  CHECK(f.runtime.transports() == 2);
}

TEST_CASE("delays grow until a connection was stable") {
  Fixture f;
  f.runtime.fix_random(0.5);
  const auto next_delay = [&] {
    f.runtime.connection().drop();
    const auto delay = *f.socket.retry_in();
    f.runtime.advance(delay);
    return delay;
  };
  CHECK(next_delay() == 500ms);
  CHECK(next_delay() == 1'000ms);
  // Accepted and dropped at once: this server must not be hammered.
  f.runtime.connection().accept();
  CHECK(next_delay() == 2'000ms);
  f.runtime.connection().accept();
  f.runtime.advance(4'999ms);
  CHECK(next_delay() == 4'000ms);
  f.runtime.connection().accept();
  f.runtime.advance(5'000ms);
  CHECK(next_delay() == 500ms);
}

TEST_CASE("after the last attempt the socket is closed, with the reason, and what waits is told") {
  Fixture f(with([](Options& o) { o.reconnect.max_attempts = 2; }));
  const auto id = f.socket.send("waits").id;
  for (int i = 0; i < 2; ++i) {
    f.runtime.connection().fail();
    CHECK(f.socket.state() == State::waiting);
    f.runtime.advance_to_next_timer();
  }
  f.recorder.take();
  f.runtime.connection().fail();
  CHECK(f.recorder.take() == Lines{"error connection_failed", "error gave_up", "state closed",
                                   "close 1006", "drop " + std::to_string(id) + " closed waits"});
  CHECK_FALSE(f.runtime.advance_to_next_timer());
  CHECK(f.runtime.transports() == 3);
}

TEST_CASE("a close code that is the server's verdict ends the socket, others do not") {
  for (const int code : {1002, 1003, 1007, 1008, 1009, 1010, 3000, 3003, 4000, 4401, 4999}) {
    INFO(code);
    Fixture f;
    f.opened().runtime.connection().close(static_cast<std::uint16_t>(code), "no");
    CHECK(f.socket.state() == State::closed);
    CHECK(f.recorder.last_close.code == code);
    CHECK(f.recorder.last_close.reason == "no");
  }
  for (const int code : {1000, 1001, 1005, 1006, 1011, 1012, 1013, 1014, 1015, 3001, 3999}) {
    INFO(code);
    Fixture f;
    f.opened().runtime.connection().close(static_cast<std::uint16_t>(code));
    CHECK(f.socket.state() == State::waiting);
  }
}

// --- Sending ---

TEST_CASE("a message sent while open is handed over at once") {
  Fixture f;
  f.opened();
  CHECK(f.socket.send("hello").status == SendStatus::sent);
  const std::byte bytes[] = {std::byte{0}, std::byte{255}};
  CHECK(f.socket.send(bytes).status == SendStatus::sent);
  const auto& sent = f.runtime.connection().sent();
  REQUIRE(sent.size() == 2);
  CHECK(sent[0].data == "hello");
  CHECK(sent[1].kind == MessageKind::binary);
  CHECK(sent[1].data == std::string("\0\xff", 2));
}

TEST_CASE("messages sent while waiting go out first after the reconnect, in order") {
  Fixture f;
  CHECK(f.socket.send("1").status == SendStatus::queued);
  CHECK(f.socket.send("2").status == SendStatus::queued);
  CHECK(f.socket.queued_messages() == 2);
  CHECK(f.socket.buffered_amount() == 2);
  const Subscription subscription = f.socket.on_open([&] { f.socket.send("3"); });
  f.runtime.connection().accept();
  CHECK(sent_texts(f.runtime.connection()) == Lines{"1", "2", "3"});
  f.runtime.connection().drop();
  f.socket.send("4");
  f.runtime.advance_to_next_timer();
  f.runtime.connection().accept();
  CHECK(sent_texts(f.runtime.connection()) == Lines{"4", "3"});
}

TEST_CASE("the first message comes before everything that waits, on every connection") {
  Fixture f(with([](Options& o) { o.first_message = "hello, I am Ann"; }));
  f.socket.send("1");
  f.runtime.connection().accept();
  CHECK(sent_texts(f.runtime.connection()) == Lines{"hello, I am Ann", "1"});
  f.runtime.connection().drop();
  f.socket.send("2");
  f.runtime.advance_to_next_timer();
  f.runtime.connection().accept();
  CHECK(sent_texts(f.runtime.connection()) == Lines{"hello, I am Ann", "2"});
}

TEST_CASE("a full queue rejects, says why and tells it once") {
  Fixture f(with([](Options& o) { o.queue.max_messages = 1; }));
  f.runtime.run_posted();
  f.recorder.take();
  const auto first = f.socket.send("first");
  const auto second = f.socket.send("second");
  CHECK(first.status == SendStatus::queued);
  CHECK(first.id == 1);
  CHECK(second.status == SendStatus::rejected);
  CHECK(second.reason == DropReason::queue_full);
  CHECK(f.recorder.take().empty());
  f.runtime.run_posted();
  CHECK(f.recorder.take() == Lines{"drop 0 queue_full second"});
  f.runtime.connection().accept();
  CHECK(sent_texts(f.runtime.connection()) == Lines{"first"});
}

TEST_CASE("above the high-water mark messages wait until the platform's buffer has drained") {
  Fixture f(with([](Options& o) { o.high_water_mark = 10; }));
  f.opened();
  f.runtime.connection().hold_buffer();
  CHECK(f.socket.send("0123456789").status == SendStatus::sent);
  CHECK(f.socket.send("a").status == SendStatus::queued);
  CHECK(f.socket.send("b").status == SendStatus::queued);
  CHECK(f.socket.buffered_amount() == 12);
  f.runtime.advance(1s);
  CHECK(f.socket.queued_messages() == 2);
  f.runtime.connection().drain();
  f.runtime.advance(20ms);
  CHECK(sent_texts(f.runtime.connection()) == Lines{"0123456789", "a", "b"});
  CHECK(f.socket.send("c").status == SendStatus::sent);
  // Nothing waits, so nothing is watched.
  CHECK(f.runtime.timers() == 0);
}

TEST_CASE("a message larger than the high-water mark is sent when the buffer is below it") {
  Fixture f(with([](Options& o) { o.high_water_mark = 1; }));
  f.opened();
  CHECK(f.socket.send(std::string(100'000, 'x')).status == SendStatus::sent);
}

TEST_CASE("what a dying connection no longer takes goes out on the next one") {
  Fixture f;
  f.opened();
  f.runtime.connection().answer_send_with(TransportSend::not_open);
  CHECK(f.socket.send("1").status == SendStatus::queued);
  f.runtime.connection().answer_send_with(TransportSend::taken);
  CHECK(f.socket.send("2").status == SendStatus::queued);
  f.runtime.advance(1s);
  CHECK(f.runtime.connection().sent().empty());
  f.runtime.connection().close(1001);
  f.runtime.advance_to_next_timer();
  f.runtime.connection().accept();
  CHECK(sent_texts(f.runtime.connection()) == Lines{"1", "2"});
}

TEST_CASE("what the platform refuses is rejected and told") {
  Fixture f;
  f.opened();
  f.runtime.connection().answer_send_with(TransportSend::refused);
  const auto result = f.socket.send("odd");
  CHECK(result.status == SendStatus::rejected);
  CHECK(result.reason == DropReason::refused);
  f.runtime.run_posted();
  CHECK(f.recorder.take() == Lines{"drop 0 refused odd"});
}

TEST_CASE("what the platform refuses out of the queue is told, and the rest goes on") {
  Fixture f;
  f.runtime.connection().answer_send_with(TransportSend::refused);
  f.socket.send("odd");
  f.runtime.run_posted();
  f.recorder.take();
  f.runtime.connection().accept();
  CHECK(f.recorder.take() == Lines{"state open", "open", "drop 1 refused odd"});
}

TEST_CASE("send_now sends, or says why not and does nothing") {
  Fixture f;
  Payload payload = Payload::external(MessageKind::text, 9, 4, nullptr);
  CHECK(f.socket.send_now(std::move(payload)) == TransportSend::not_open);
  CHECK(f.socket.queued_messages() == 0);
  f.opened();
  CHECK(payload.handle() == 9);
  CHECK(f.socket.send_now(std::move(payload)) == TransportSend::taken);
  CHECK(f.runtime.connection().sent().at(0).handle == 9);
  f.runtime.connection().answer_send_with(TransportSend::refused);
  CHECK(f.socket.send_now(Payload::text("x")) == TransportSend::refused);
  f.runtime.run_posted();
  CHECK(f.recorder.take().empty());
}

// --- Receiving ---

TEST_CASE("messages are routed by type and told to everybody who asked") {
  Fixture f;
  f.opened();
  Lines chats;
  const Subscription chat = f.socket.on(
      "chat", [&](const steady::Message& message) { chats.emplace_back(message.data); });
  f.runtime.connection().deliver_text(R"({"type":"chat","text":"hi"})");
  f.runtime.connection().deliver_text("not JSON");
  f.runtime.connection().deliver_binary("\x01");
  CHECK(chats == Lines{R"({"type":"chat","text":"hi"})"});
  CHECK(f.recorder.take() ==
        Lines{R"(text {"type":"chat","text":"hi"})", "text not JSON", "binary \x01"});
}

TEST_CASE("a message that is too large or does not fit in memory is an error, not a crash") {
  Fixture f(with([](Options& o) { o.max_message_bytes = 4; }));
  f.opened();
  f.runtime.connection().deliver_text("12345");
  f.runtime.connection().run_out_of_memory();
  f.runtime.connection().deliver_text("1");
  f.runtime.connection().deliver_text("2");
  CHECK(f.recorder.take() == Lines{"error message_too_large", "error out_of_memory", "text 2"});
  CHECK(f.socket.state() == State::open);
}

TEST_CASE("messages of an old connection, and after close, are seen by nobody") {
  Fixture f;
  f.opened();
  f.runtime.connection(0).drop();
  f.runtime.advance_to_next_timer();
  f.runtime.connection(1).accept();
  f.recorder.take();
  CHECK_FALSE(f.runtime.connection(0).deliver_text("late"));
  CHECK(f.runtime.connection(1).deliver_text("fresh"));
  f.socket.close();
  CHECK_FALSE(f.runtime.connection(1).deliver_text("after close"));
  f.runtime.run_posted();
  CHECK(f.recorder.take() == Lines{"text fresh", "state closing"});
}

// --- Closing ---

TEST_CASE("close says goodbye and ends with the server's answer") {
  Fixture f;
  f.opened();
  CHECK_FALSE(f.socket.close({.code = 4001, .reason = "bye"}));
  CHECK(f.socket.state() == State::closing);
  CHECK(f.runtime.connection().close_code() == 4001);
  CHECK(f.runtime.connection().close_reason() == "bye");
  CHECK(f.recorder.take().empty());
  f.runtime.run_posted();
  CHECK(f.recorder.take() == Lines{"state closing"});
  f.runtime.connection().close(4001, "bye");
  CHECK(f.recorder.take() == Lines{"state closed", "close 4001"});
  CHECK(f.runtime.timers() == 0);
}

TEST_CASE("close without a code sends none") {
  Fixture f;
  f.opened().socket.close({.reason = "not sent without a code"});
  CHECK(f.runtime.connection().close_code() == 0);
  CHECK(f.runtime.connection().close_reason().empty());
}

TEST_CASE("a bad close changes nothing") {
  Fixture f;
  f.opened();
  CHECK(f.socket.close({.code = 1001}).code == ErrorCode::invalid_close_code);
  CHECK(f.socket.close({.code = 1000, .reason = std::string(124, 'x')}).code ==
        ErrorCode::invalid_close_reason);
  CHECK(f.socket.state() == State::open);
}

TEST_CASE("the close handshake of a dead network is not waited for") {
  Fixture f;
  f.opened().socket.close();
  f.runtime.advance(3s);
  CHECK(f.recorder.take() == Lines{"state closing", "state closed", "close 1006"});
  CHECK(f.recorder.last_close.reason == "no answer to close");
  CHECK(f.runtime.connection().abandoned());
}

TEST_CASE("close hands over what waits for the platform's buffer") {
  Fixture f(with([](Options& o) { o.high_water_mark = 1; }));
  f.opened();
  f.runtime.connection().hold_buffer();
  for (const char* text : {"1", "2", "3"}) f.socket.send(text);
  CHECK(f.socket.queued_messages() == 2);
  f.socket.close();
  CHECK(sent_texts(f.runtime.connection()) == Lines{"1", "2", "3"});
}

TEST_CASE("close while not connected reports what waits, and makes no other attempt") {
  for (const bool waiting : {false, true}) {
    Fixture f;
    f.socket.send("1");
    f.socket.send("2");
    if (waiting) f.runtime.connection().fail();
    f.runtime.run_posted();
    f.recorder.take();
    f.socket.close({.code = 1000});
    if (!waiting) f.runtime.connection().fail();
    f.runtime.advance(1h);
    const Lines lines = f.recorder.take();
    REQUIRE(lines.size() >= 4);
    CHECK(Lines(lines.end() - 2, lines.end()) == Lines{"drop 1 closed 1", "drop 2 closed 2"});
    CHECK(f.runtime.transports() == 1);
    CHECK(f.recorder.last_close.code == (waiting ? 1000 : 1006));
  }
}

TEST_CASE("after close nothing is taken and nothing happens") {
  Fixture f;
  f.opened().socket.close();
  f.runtime.connection().close(1005);
  f.recorder.take();
  const auto result = f.socket.send("late");
  CHECK(result.status == SendStatus::rejected);
  CHECK(result.reason == DropReason::closed);
  CHECK_FALSE(f.socket.close());
  f.runtime.connection().deliver_text("x");
  f.runtime.connection().close(1000);
  f.runtime.advance(1h);
  CHECK(f.recorder.take() == Lines{"drop 0 closed late"});
}

// --- Re-entrancy and lifetime ---

TEST_CASE("handlers may close, send and connect while they run") {
  Fixture f;
  const Subscription open = f.socket.on_open([&] {
    f.socket.send("from open");
    f.socket.close();
    f.socket.close();
    f.socket.send("too late");
    f.socket.connect();
  });
  f.runtime.run_posted();
  f.recorder.take();
  f.runtime.connection().accept();
  CHECK(f.recorder.take() == Lines{"state open", "open"});
  f.runtime.run_posted();
  CHECK(f.recorder.take() == Lines{"state closing", "drop 0 closed too late"});
  CHECK(sent_texts(f.runtime.connection()) == Lines{"from open"});
}

TEST_CASE("a handler that sends again whatever was dropped does not stop the event loop") {
  Fixture f(with([](Options& o) { o.queue.max_messages = 0; }));
  int calls = 0;
  const Subscription again = f.socket.on_drop([&](const steady::Drop&) {
    REQUIRE(++calls <= 1);
    f.socket.send("again");
  });
  f.socket.send("once");
  // One turn of the loop: the second drop is told in the next.
  f.runtime.run_posted_once();
  CHECK(calls == 1);
  calls = 0;
  f.runtime.run_posted_once();
  CHECK(calls == 1);
}

TEST_CASE("every handler may destroy the socket") {
  const auto destroyed_by = [](auto subscribe, auto provoke) {
    ManualRuntime runtime;
    auto socket = std::make_unique<Socket>(options_for_tests(), runtime);
    int later_calls = 0;
    const auto destroy = [&](auto&&...) { socket.reset(); };
    const Subscription first = subscribe(*socket, destroy);
    const Subscription second = subscribe(*socket, [&](auto&&...) { ++later_calls; });
    provoke(runtime, *socket);
    runtime.run_posted();
    CHECK(socket == nullptr);
    CHECK(later_calls == 0);
    CHECK(runtime.timers() == 0);
    CHECK(runtime.connection().abandoned());
  };
  const auto accept = [](ManualRuntime& r, Socket&) { r.connection().accept(); };
  const auto fail = [](ManualRuntime& r, Socket&) { r.connection().drop(); };
  const auto text = [](ManualRuntime& r, Socket&) {
    r.connection().accept();
    r.connection().deliver_text(R"({"type":"a"})");
  };
  destroyed_by([](Socket& s, auto handler) { return s.on_open(handler); }, accept);
  destroyed_by([](Socket& s, auto handler) { return s.on_state_change(handler); }, accept);
  destroyed_by([](Socket& s, auto handler) { return s.on_close(handler); }, fail);
  destroyed_by([](Socket& s, auto handler) { return s.on_message(handler); }, text);
  destroyed_by([](Socket& s, auto handler) { return s.on("a", handler); }, text);
  destroyed_by([](Socket& s, auto handler) { return s.on("*", handler); }, text);
  destroyed_by([](Socket& s, auto handler) { return s.on_error(handler); },
               [](ManualRuntime& r, Socket&) { r.advance(10s); });
  destroyed_by([](Socket& s, auto handler) { return s.on_drop(handler); },
               [](ManualRuntime&, Socket& s) { s.send(std::string(20'000'000, 'x')); });
}

TEST_CASE("a message read by a handler that destroys the socket stays readable until it returns") {
  ManualRuntime runtime;
  auto socket = std::make_unique<Socket>(options_for_tests(), runtime);
  std::string seen;
  const Subscription a = socket->on("a", [&](const steady::Message& message) {
    socket.reset();
    seen = std::string(message.type) + std::string(message.data);
  });
  runtime.connection().accept();
  runtime.connection().deliver_text(R"({"type":"a"})");
  CHECK(seen == R"(a{"type":"a"})");
}

TEST_CASE("a socket that goes leaves no timer, no connection and no call behind") {
  ManualRuntime runtime;
  {
    Socket socket(options_for_tests(), runtime);
    socket.send("1");
  }
  runtime.run_posted();
  CHECK(runtime.timers() == 0);
  CHECK(runtime.connection().abandoned());
}

TEST_CASE("a socket may own its runtime") {
  auto owned = std::make_unique<ManualRuntime>();
  ManualRuntime& runtime = *owned;
  Socket socket(options_for_tests(), std::move(owned));
  runtime.connection().accept();
  CHECK(socket.state() == State::open);
}

// --- Whole lives ---

TEST_CASE(
    "over thousands of hours of a bad network every message is sent once, in order, or told") {
  const std::uint64_t seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  const auto chance = [&](int percent) {
    return std::uniform_int_distribution<int>(0, 99)(random) < percent;
  };

  ManualRuntime runtime(seed);
  Options options = options_for_tests();
  options.queue.max_messages = 20;
  Socket socket(options, runtime);
  std::vector<int> told;
  const Subscription drops = socket.on_drop([&](const steady::Drop& drop) {
    told.push_back(std::stoi(std::string(drop.payload.data())));
  });

  int next = 0;
  for (int round = 0; round < 20'000; ++round) {
    for (int i = 0; i < 3; ++i) socket.send(std::to_string(next++));
    if (socket.state() == State::connecting) {
      if (chance(50)) {
        runtime.connection().accept();
      } else if (chance(50)) {
        runtime.connection().fail();
      }
    } else if (socket.state() == State::open) {
      if (chance(10)) runtime.connection().answer_send_with(TransportSend::not_open);
      if (chance(30)) runtime.connection().drop();
    }
    runtime.advance(
        std::chrono::milliseconds(std::uniform_int_distribution<int>(0, 30'000)(random)));
  }

  std::vector<int> sent;
  for (std::size_t i = 0; i < runtime.transports(); ++i) {
    for (const auto& message : runtime.connection(i).sent())
      sent.push_back(std::stoi(message.data));
  }
  CHECK(std::is_sorted(sent.begin(), sent.end()));
  CHECK(runtime.transports() > 1'000);
  std::vector<int> all = sent;
  all.insert(all.end(), told.begin(), told.end());
  std::sort(all.begin(), all.end());
  CHECK(std::adjacent_find(all.begin(), all.end()) == all.end());
  CHECK(all.size() + socket.queued_messages() == static_cast<std::size_t>(next));
}

// --- Batches ---

namespace {

Options batched(std::string subprotocol = {}) {
  Options options = options_for_tests();
  options.batch.emplace().subprotocol = std::move(subprotocol);
  options.subprotocols = {"plain", "batches"};
  return options;
}

}  // namespace

TEST_CASE("JSON that is sent in one task leaves as one array, in order") {
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

TEST_CASE("a single message is not wrapped, unless it is an array itself") {
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

TEST_CASE("what is not JSON keeps its place between batches") {
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

TEST_CASE("a frame has bounds in messages and in bytes, and a full one leaves at once") {
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

TEST_CASE("more may be sent in one task than the queue takes") {
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

TEST_CASE("an open connection takes with batches whatever it takes without") {
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

TEST_CASE("what does not fit behind a platform's full buffer is rejected, with batches too") {
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

TEST_CASE("a frame may be as large as it is allowed to be") {
  Options options = batched();
  options.batch->max_bytes = 9;
  Fixture f(std::move(options));
  f.opened();
  for (const char* text : {"111", "222", "3333", "444"}) f.socket.send(Payload::json(text));
  f.runtime.run_posted();
  CHECK(sent_texts(f.runtime.connection()) == Lines{"[111,222]", "3333", "444"});
}

TEST_CASE("a first message that the platform refuses is told") {
  Fixture f(with([](Options& o) { o.first_message = "me"; }));
  f.runtime.connection().answer_send_with(TransportSend::refused);
  f.runtime.connection().accept();
  CHECK(f.recorder.take() ==
        Lines{"state connecting", "state open", "open", "error invalid_option"});
}

TEST_CASE("what waited for the connection leaves in batches") {
  Fixture f(batched());
  for (int i = 0; i < 130; ++i) f.socket.send(Payload::json("1"));
  f.opened();
  const Lines sent = sent_texts(f.runtime.connection());
  CHECK(sent.size() == 3);
  CHECK(sent.front().size() == 2 * 64 + 1);
  CHECK(sent.back() == "[1,1]");
}

TEST_CASE("batches wait for the platform's buffer, and for nobody else") {
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

TEST_CASE("a batch that is being filled when the connection dies leaves with the next one") {
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

TEST_CASE("a subprotocol decides whether there are batches") {
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

TEST_CASE("external payloads are handed over as a batch of handles") {
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

TEST_CASE("a handler that closes ends the batch that it is in") {
  Fixture f(batched());
  f.opened();
  const Subscription closes = f.socket.on_message([&](const steady::Message& message) {
    if (message.data == "2") f.socket.close();
  });
  f.runtime.connection().deliver_text("[1,2,3]");
  CHECK(f.recorder.take() == Lines{"text 1", "text 2", "state closing"});
}

TEST_CASE("a handler that destroys the socket ends the batch that it is in") {
  ManualRuntime runtime;
  auto socket = std::make_unique<Socket>(batched(), runtime);
  runtime.connection().accept();
  int heard = 0;
  socket
      ->on_message([&](const steady::Message&) {
        ++heard;
        socket.reset();
      })
      .keep();
  runtime.connection().deliver_text("[1,2,3]");
  CHECK(heard == 1);
}

TEST_CASE("a malformed batch is an error, and harms neither the connection nor the next") {
  Fixture f(batched());
  f.opened();
  f.runtime.connection().deliver_text("[1,");
  CHECK(f.recorder.take() == Lines{"text 1", "error malformed_message"});
  f.runtime.connection().deliver_text("[2]");
  CHECK(f.recorder.take() == Lines{"text 2"});
  CHECK(f.socket.state() == State::open);
}

// --- Grants ---

namespace {

/// A socket whose messages are also read and sent on the platform's side.
struct Granted {
  explicit Granted(Options options = options_for_tests()) : socket(std::move(options), runtime) {
    runtime.connection().take_grants();
    runtime.connection().accept();
  }
  const steady::Grant& grant() { return runtime.connection().granted(); }

  ManualRuntime runtime;
  Socket socket;
};

}  // namespace

TEST_CASE("an open connection without C++ readers grants messages, and bytes up to the next look") {
  Granted f;
  CHECK(f.grant() == steady::Grant{true, false, std::size_t{64} << 10});
  f.socket.close();
  CHECK(f.grant() == steady::Grant{});
}

TEST_CASE("a C++ reader takes the grant of received messages back") {
  Granted f;
  const Subscription subscription = f.socket.on("a", [](const steady::Message&) {});
  CHECK_FALSE(f.grant().receive);
  CHECK(f.grant().send_credit > 0);
}

namespace {
struct Hit {};
}  // namespace

template <>
struct steady::Codec<Hit> {
  static Error decode(const Message&, Hit&) { return {}; }
};

TEST_CASE("a C++ reader of values takes the grant back as well") {
  Granted f;
  const Subscription subscription = f.socket.on<Hit>("hit", [](const Hit&) {});
  CHECK_FALSE(f.grant().receive);
}

TEST_CASE("credit that may be used is not granted again") {
  Options options = options_for_tests();
  options.high_water_mark = 100;
  Granted f(std::move(options));
  REQUIRE(f.grant().send_credit == 100);
  f.runtime.connection().hold_buffer();
  f.runtime.connection().send_unasked(std::string(90, 'x'));
  const Subscription subscription = f.socket.on("a", [](const steady::Message&) {});
  CHECK(f.grant() == steady::Grant{false, false, 10});
}

TEST_CASE("nothing is received unasked while something is to be told") {
  Granted f;
  const Subscription drops = f.socket.on_drop([](const steady::Drop&) {});
  f.runtime.connection().answer_send_with(TransportSend::refused);
  f.socket.send("x");
  CHECK_FALSE(f.grant().receive);
  f.runtime.run_posted();
  CHECK(f.grant().receive);
}

TEST_CASE("credit is what the platform's buffer has room for, and ends when something waits") {
  Options options = options_for_tests();
  options.high_water_mark = 100;
  Granted f(std::move(options));
  CHECK(f.grant().send_credit == 100);
  f.runtime.connection().hold_buffer();
  f.socket.send(std::string(30, 'x'));
  CHECK(f.grant().send_credit == 70);
  f.socket.send(std::string(80, 'x'));
  CHECK(f.grant().send_credit == 0);
  f.socket.send("waits");
  CHECK(f.socket.queued_messages() == 1);
  f.runtime.connection().drain();
  f.runtime.advance(20ms);
  CHECK(f.grant().send_credit == 95);
}

TEST_CASE("batches leave no credit, since order is kept with what is being joined") {
  Granted f(batched());
  CHECK(f.grant() == steady::Grant{true, true, 0});
}

TEST_CASE("a listener hears every event, before its handlers") {
  Fixture f;
  Listener listener(f.recorder.lines);
  f.socket.listen(listener);
  f.opened();
  CHECK(f.socket.send("bye").status == SendStatus::sent);
  f.runtime.connection().fail();
  CHECK(f.recorder.take() == Lines{"heard error connection_failed", "error connection_failed",
                                   "heard state waiting", "state waiting", "heard close 1006",
                                   "close 1006 retry"});
  CHECK(f.socket.send("queued").status == SendStatus::queued);
  f.socket.close();
  f.runtime.run_posted();
  CHECK(f.recorder.take() == Lines{"heard state closed", "state closed", "heard close 1005",
                                   "close 1005", "heard drop closed", "drop 1 closed queued"});
}

TEST_CASE("a connection that is lost as soon as the program is back is replaced at once, once") {
  Fixture f(with([](Options& options) { options.reconnect.stable_after = 1h; }));
  f.runtime.fix_random(0.5);
  f.opened();
  f.runtime.notice(steady::Hint::wake);
  f.runtime.advance(100ms);
  f.runtime.connection().fail();
  CHECK(f.socket.retry_in() == 0ms);
  f.runtime.advance(0ms);
  REQUIRE(f.runtime.transports() == 2);
  // It is the same server, which may drop whoever comes.
  f.opened();
  f.runtime.connection().fail();
  CHECK(f.socket.retry_in() > 0ms);
}

TEST_CASE("an attempt that fails as soon as the program is back is made again at once") {
  Fixture f;
  f.runtime.fix_random(0.5);
  f.runtime.notice(steady::Hint::wake);
  f.runtime.connection().fail();
  CHECK(f.socket.retry_in() == 0ms);
  f.runtime.advance(0ms);
  f.runtime.connection().fail();
  CHECK(f.socket.retry_in() > 0ms);
  // This one began when the program was back.
  f.runtime.notice(steady::Hint::wake);
  REQUIRE(f.runtime.transports() == 3);
  f.runtime.connection().fail();
  CHECK(f.socket.retry_in() > 0ms);
}

TEST_CASE("what is lost later, or for good, has nothing to do with the program's coming back") {
  Fixture f;
  f.runtime.fix_random(0.5);
  f.opened();
  f.runtime.notice(steady::Hint::wake);
  f.runtime.advance(1s);
  f.runtime.connection().fail();
  CHECK(f.socket.retry_in() > 0ms);
  f.socket.connect();
  f.opened();
  f.runtime.notice(steady::Hint::wake);
  f.runtime.connection().close(1013, "retry-after=20");
  CHECK(f.socket.retry_in() >= 20s);
  f.socket.connect();
  f.opened();
  f.runtime.notice(steady::Hint::wake);
  f.runtime.connection().close(4000);
  CHECK(f.socket.state() == State::closed);
}
