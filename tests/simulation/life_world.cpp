#include <utility>

#include "drawn_options.hpp"
#include "life.hpp"

namespace model {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using steady::ErrorCode;
using steady::Hint;
using steady::State;
using steady::TransportSend;
using steady::testing::FakeConnection;

bool Life::has_connection() { return runtime_.transports() > 0 && !connection().abandoned(); }

void Life::happen() {
  switch (random_.below(9)) {
    case 0:
    case 1:
    case 2:
      act();
      break;
    case 3:
    case 4:
    case 5:
      serve();
      break;
    case 6:
      pass(milliseconds(random_.below(30)));
      break;
    case 7:
      if (random_.one_in(4)) {
        hint();
      } else {
        say("the next timer");
        runtime_.run_posted();
        look();
        if (!socket_) return;
        // Where there is none, nothing happens for long.
        if (!runtime_.advance_to_next_timer()) runtime_.advance(10s);
      }
      break;
    default:
      say("the event loop turns");
      runtime_.run_posted();
  }
}

/// In small steps, so that what happens is seen when it does.
void Life::pass(milliseconds time) {
  say("time passes");
  // Of timers that are due together "the next timer" runs only the first.
  runtime_.advance(0ms);
  look();
  for (; time > 0ms && socket_; time -= 1ms) {
    runtime_.advance(1ms);
    look();
  }
}

void Life::hint() {
  const Hint hint = random_.pick({Hint::online, Hint::online, Hint::offline, Hint::wake});
  say(hint == Hint::online    ? "there is a network"
      : hint == Hint::offline ? "there is no network"
                              : "the program wakes up");
  attempts_.hint_comes(hint, socket_->state());
  runtime_.notice(hint);
  // A provider is asked when what came before is told.
  runtime_.run_posted();
  look();
  attempts_.hint_is_over();
}

/// The server, the network and the platform.
void Life::serve() {
  if (runtime_.transports() > 1 && random_.one_in(8)) {
    say("an old connection speaks");
    FakeConnection& old = runtime_.connection(random_.below(runtime_.transports() - 1));
    expect(!old.deliver_text("late"), "what is late is dropped");
    if (random_.one_in(2)) old.drop();
    return;
  }
  if (random_.one_in(100)) {
    say("the platform refuses the next connection");
    runtime_.refuse_next_open({random_.pick({ErrorCode::blocked, ErrorCode::not_supported}), "no"});
  }
  if (!has_connection()) return;
  if (is_open()) {
    serve_connection();
  } else {
    serve_attempt();
  }
}

void Life::serve_attempt() {
  if (!random_.one_in(4)) {
    accept();
    return;
  }
  const bool is_blocked = random_.one_in(10);
  say(is_blocked ? "the platform refuses the connection" : "the attempt fails");
  attempts_.server_says({});
  connection().fail(is_blocked ? ErrorCode::blocked : ErrorCode::connection_failed);
}

void Life::accept() {
  say("the server accepts");
  if (takes_grants_) connection().take_grants();
  platform_takes_ = true;
  opened_ = runtime_.transports();
  if (!mail_.queue_is_held()) attempts_.connection_is_in_order();
  connection().accept();
}

void Life::serve_connection() {
  switch (random_.below(16)) {
    case 0:
      server_closes();
      break;
    case 1:
      say("the network breaks");
      attempts_.server_says({});
      connection().drop();
      break;
    case 2:
    case 3:
      say("the platform's buffer holds");
      connection().hold_buffer();
      mail_.hold();
      break;
    case 4:
    case 5:
      say("the platform's buffer drains");
      connection().drain();
      mail_.drain();
      break;
    case 6:
    case 7: {
      const std::size_t bytes = 1 + random_.below(40);
      say("the platform's buffer drains by " + std::to_string(bytes));
      connection().drain(bytes);
      mail_.drain(bytes);
      break;
    }
    case 8: {
      const auto answer = random_.pick({TransportSend::taken, TransportSend::taken,
                                        TransportSend::refused, TransportSend::not_open});
      say("the platform answers " + std::to_string(static_cast<int>(answer)));
      if (answer != TransportSend::taken) platform_takes_ = false;
      mail_.refuses(answer == TransportSend::refused);
      connection().answer_send_with(answer);
      break;
    }
    case 9:
    case 10:
    case 11:
      send_unasked();
      break;
    default:
      say("the server sends");
      deliver(
          random_.pick({R"({"type":"a"})", R"([{"type":"a"},{"type":"b"}])", "[1,", "x", pong}));
  }
}

void Life::server_closes() {
  steady::CloseInfo info;
  // One in four is the server's last word.
  info.code = random_.one_in(8) ? random_.pick<std::uint16_t>({4001, 4401, 1008})
                                : random_.pick<std::uint16_t>({1000, 1001, 1006, 1011, 1012, 1013});
  if (random_.one_in(4)) info.reason = random_.pick({"retry-after=0", "retry-after=3"});
  say("the server closes with " + std::to_string(info.code) + " " + info.reason);
  attempts_.server_says(info);
  connection().close(info.code, info.reason);
}

void Life::deliver(const char* text) {
  if (connection().granted().receive) {
    connection().deliver_unshown();
    return;
  }
  delivering_ = true;
  told_ = nullptr;
  connection().deliver_text(text);
  delivering_ = false;
}

/// The platform's own writer, in the user's name.
void Life::send_unasked() {
  if (socket_->state() != State::open) return;
  const std::size_t credit = connection().granted().send_credit;
  if (credit == 0) return;
  expect(socket_->queued_messages() == 0, "credit is given when nothing waits");
  expect(!mail_.queue_is_held(), "no credit is given before the greeting is over");
  if (std::exchange(credit_, credit) != credit) credit_used_ = 0;
  Message message;
  message.kind = Message::Kind::unasked;
  std::string text = Mail::text_of(mail_.size(), false, 0);
  // Sometimes all that it may.
  const std::size_t left = credit - credit_used_;
  if (left > text.size() && left < 40 && random_.one_in(2)) text.resize(left, ' ');
  message.size = text.size();
  if (credit_used_ + message.size > credit) return;
  credit_used_ += message.size;
  say("the platform sends " + text);
  connection().hold_buffer();
  mail_.hold();
  mail_.sent_unasked(mail_.add(message, 0));
  connection().send_unasked(text);
}

/// Everybody is willing: what waits is sent, and everything is told.
void Life::end_well() {
  say("all goes well");
  depth_ = 10;
  for (int turn = 0; turn < 100 && socket_; ++turn) {
    const State state = socket_->state();
    if (state == State::closed || state == State::closing) return;
    if (state == State::idle || state == State::suspended || state == State::waiting) {
      start_again(0);
    } else if (!has_connection()) {
      if (!replies_.empty()) answer_well(replies_.back());
    } else if (!is_open()) {
      accept();
    } else if (!platform_takes_) {
      attempts_.server_says({});
      connection().drop();
    } else {
      if (!greetings_.empty()) ready(greetings_.back());
      look();
      connection().drain();
      mail_.drain();
      deliver(pong);
    }
    if (socket_) pass(10ms);
  }
  if (!socket_) return;
  // A ping may have gone with the last turn.
  if (is_open()) {
    connection().drain();
    mail_.drain();
  }
  look_at_all();
  expect(socket_->state() == State::open, "a willing server has its client in the end");
  mail_.expect_all_over();
  expect(idle_since_.has_value(), "everything is sent in the end");
  end_replies();
}

/// Those that are expected come, or the socket is closed.
void Life::end_replies() {
  if (random_.one_in(2)) {
    for (const std::uint32_t id : mail_.awaited()) reply(id);
    expect(mail_.awaited().empty(), "every reply is taken");
  } else {
    close(/*flush=*/false);
    attempts_.server_says({});
    connection().close(1000);
  }
  look_at_all();
}

}  // namespace model
