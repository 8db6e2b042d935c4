// Dispatch of messages and events to handlers and listeners.
#include <string>

#include "catch.hpp"
#include "fixture.hpp"

using steady::Options;
using steady::SendStatus;
using steady::Subscription;

namespace {

/// Appends its events to the lines of the handlers.
class Listener final : public steady::SocketListener {
 public:
  explicit Listener(Lines& lines) : lines_(lines) {}
  void on_open() override { lines_.push_back("listener open"); }
  void on_close(const steady::CloseInfo& info) override {
    lines_.push_back("listener close " + std::to_string(info.code));
  }
  void on_error(const steady::Error& error) override {
    lines_.push_back(std::string("listener error ") + to_string(error.code));
  }
  void on_state_change(const steady::StateChange& change) override {
    lines_.push_back(std::string("listener state ") + to_string(change.state));
  }
  void on_drop(const steady::Drop& drop) override {
    lines_.push_back(std::string("listener drop ") + to_string(drop.reason));
  }
  void on_outcome(const steady::Outcome& outcome) override {
    lines_.push_back("listener outcome " + std::to_string(outcome.id));
  }

 private:
  Lines& lines_;
};

}  // namespace

TEST_CASE("messages are dispatched to the handlers of their type and to those of every message") {
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

TEST_CASE("messages of an earlier connection, and after close, are dropped") {
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

TEST_CASE("a listener receives every event before the handlers") {
  Fixture f;
  Listener listener(f.recorder.lines);
  f.socket.listen(listener);
  f.opened();
  CHECK(f.socket.send("bye").status == SendStatus::sent);
  f.runtime.connection().fail();
  CHECK(f.recorder.take() == Lines{"listener error connection_failed", "error connection_failed",
                                   "listener state waiting", "state waiting", "listener close 1006",
                                   "close 1006 retry"});
  CHECK(f.socket.send("queued").status == SendStatus::queued);
  f.socket.close();
  f.runtime.run_posted();
  CHECK(f.recorder.take() == Lines{"listener state closed", "state closed", "listener close 1005",
                                   "close 1005", "listener drop closed", "drop 1 closed queued"});
}
