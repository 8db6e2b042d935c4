// Sending: at once, after a reconnect, and while the platform's buffer is full.
#include <cstddef>
#include <string>
#include <utility>

#include "catch.hpp"
#include "fixture.hpp"

using steady::DropReason;
using steady::MessageKind;
using steady::Options;
using steady::Payload;
using steady::SendStatus;
using steady::Subscription;
using steady::TransportSend;

TEST_CASE("a message sent while open is passed to the platform at once") {
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

TEST_CASE("messages sent while waiting are sent first after the reconnect, in order") {
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

TEST_CASE("the first message precedes queued messages on every connection") {
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

TEST_CASE("a message rejected by a full queue has a reason and is reported once") {
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
  // No message is queued, so the buffer is not polled.
  CHECK(f.runtime.timers() == 0);
}

TEST_CASE("a message larger than the high-water mark is sent when the buffer is below it") {
  Fixture f(with([](Options& o) { o.high_water_mark = 1; }));
  f.opened();
  CHECK(f.socket.send(std::string(100'000, 'x')).status == SendStatus::sent);
}

TEST_CASE("a message that a closing connection does not accept is sent on the next one") {
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

TEST_CASE("a message that the platform refuses is rejected and reported") {
  Fixture f;
  f.opened();
  f.runtime.connection().answer_send_with(TransportSend::refused);
  const auto result = f.socket.send("odd");
  CHECK(result.status == SendStatus::rejected);
  CHECK(result.reason == DropReason::refused);
  f.runtime.run_posted();
  CHECK(f.recorder.take() == Lines{"drop 0 refused odd"});
}

TEST_CASE("a queued message that the platform refuses is reported, and sending continues") {
  Fixture f;
  f.runtime.connection().answer_send_with(TransportSend::refused);
  f.socket.send("odd");
  f.runtime.run_posted();
  f.recorder.take();
  f.runtime.connection().accept();
  CHECK(f.recorder.take() == Lines{"state open", "open", "drop 1 refused odd"});
}

TEST_CASE("a volatile payload is sent, or rejected with a reason") {
  Fixture f;
  const auto send = [&](Payload payload) {
    return f.socket.send(std::move(payload), {.is_volatile = true});
  };
  CHECK(send(Payload::external(MessageKind::text, 9, 4, nullptr)).reason == DropReason::not_now);
  CHECK(f.socket.queued_messages() == 0);
  f.opened();
  CHECK(send(Payload::external(MessageKind::text, 9, 4, nullptr)).status == SendStatus::sent);
  CHECK(f.runtime.connection().sent().at(0).handle == 9);
  f.runtime.connection().answer_send_with(TransportSend::refused);
  CHECK(send(Payload::text("x")).reason == DropReason::refused);
  f.runtime.run_posted();
  CHECK(f.recorder.take() == Lines{"drop 0 refused x"});
}
