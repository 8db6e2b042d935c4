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
        trace("the next timer");
        runtime_.run_posted();
        look();
        if (!socket_) return;
        // Without a timer, passes a long time.
        if (!runtime_.advance_to_next_timer()) runtime_.advance(10s);
      }
      break;
    default:
      trace("the event loop turns");
      runtime_.run_posted();
  }
}

/// Advances in small steps, to check the invariants at every event.
void Life::pass(milliseconds time) {
  trace("time passes");
  // "the next timer" runs only the first of several due timers.
  runtime_.advance(0ms);
  look();
  for (; time > 0ms && socket_; time -= 1ms) {
    runtime_.advance(1ms);
    look();
  }
}

void Life::hint() {
  const Hint hint = random_.pick({Hint::online, Hint::online, Hint::offline, Hint::wake});
  trace(hint == Hint::online    ? "the platform is online"
        : hint == Hint::offline ? "the platform is offline"
                                : "the program wakes up");
  attempts_.hint_begins(hint, socket_->state());
  runtime_.notice(hint);
  // A provider is called after earlier events were dispatched.
  runtime_.run_posted();
  look();
  attempts_.hint_ends();
}

/// One action of the server, the network or the platform.
void Life::serve() {
  if (runtime_.transports() > 1 && random_.one_in(8)) {
    trace("an earlier connection has an event");
    FakeConnection& old = runtime_.connection(random_.below(runtime_.transports() - 1));
    expect(!old.deliver_text("late"), "a message of an earlier connection is dropped");
    if (random_.one_in(2)) old.drop();
    return;
  }
  if (random_.one_in(100)) {
    trace("the platform refuses the next connection");
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
  trace(is_blocked ? "the platform refuses the connection" : "the attempt fails");
  attempts_.connection_ends({});
  connection().fail(is_blocked ? ErrorCode::blocked : ErrorCode::connection_failed);
}

void Life::accept() {
  trace("the server accepts");
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
      trace("the network breaks");
      attempts_.connection_ends({});
      connection().drop();
      break;
    case 2:
    case 3:
      trace("the platform's buffer holds");
      connection().hold_buffer();
      mail_.hold();
      break;
    case 4:
    case 5:
      trace("the platform's buffer drains");
      connection().drain();
      mail_.drain();
      break;
    case 6:
    case 7: {
      const std::size_t bytes = 1 + random_.below(40);
      trace("the platform's buffer drains by " + std::to_string(bytes));
      connection().drain(bytes);
      mail_.drain(bytes);
      break;
    }
    case 8: {
      const auto answer = random_.pick({TransportSend::taken, TransportSend::taken,
                                        TransportSend::refused, TransportSend::not_open});
      trace("the platform answers " + std::to_string(static_cast<int>(answer)));
      if (answer != TransportSend::taken) platform_takes_ = false;
      mail_.refuses(answer == TransportSend::refused);
      connection().answer_send_with(answer);
      break;
    }
    case 9:
    case 10:
    case 11:
      send_on_credit();
      break;
    default:
      trace("the server sends");
      deliver(
          random_.pick({R"({"type":"a"})", R"([{"type":"a"},{"type":"b"}])", "[1,", "x", pong}));
  }
}

void Life::server_closes() {
  steady::CloseInfo info;
  // One in eight is fatal.
  info.code = random_.one_in(8) ? random_.pick<std::uint16_t>({4001, 4401, 1008})
                                : random_.pick<std::uint16_t>({1000, 1001, 1006, 1011, 1012, 1013});
  if (random_.one_in(4)) info.reason = random_.pick({"retry-after=0", "retry-after=3"});
  trace("the server closes with " + std::to_string(info.code) + " " + info.reason);
  attempts_.connection_ends(info);
  connection().close(info.code, info.reason);
}

void Life::deliver(const char* text) {
  if (connection().granted().receive) {
    connection().deliver_unshown();
    return;
  }
  delivering_ = true;
  dispatched_ = nullptr;
  connection().deliver_text(text);
  delivering_ = false;
}

/// Sends a message on the credit of the platform.
void Life::send_on_credit() {
  if (socket_->state() != State::open) return;
  const std::size_t credit = connection().granted().send_credit;
  if (credit == 0) return;
  expect(socket_->queued_messages() == 0, "credit is granted only while the queue is empty");
  expect(!mail_.queue_is_held(), "no credit is granted before the greeting is complete");
  if (std::exchange(credit_, credit) != credit) credit_used_ = 0;
  Message message;
  message.kind = Message::Kind::credit;
  std::string text = Mail::text_of(mail_.size(), false, 0);
  // Sometimes uses the whole credit.
  const std::size_t left = credit - credit_used_;
  if (left > text.size() && left < 40 && random_.one_in(2)) text.resize(left, ' ');
  message.size = text.size();
  if (credit_used_ + message.size > credit) return;
  credit_used_ += message.size;
  trace("the platform sends " + text);
  connection().hold_buffer();
  mail_.hold();
  mail_.sent_on_credit(mail_.add(message, 0));
  connection().send_unasked(text);
}

/// Ends the life without failures: the queue is sent, and every event is reported.
void Life::end_well() {
  trace("no more failures");
  depth_ = 10;
  for (int turn = 0; turn < 100 && socket_; ++turn) {
    const State state = socket_->state();
    if (state == State::closed || state == State::closing) return;
    if (state == State::idle || state == State::suspended || state == State::waiting) {
      reopen(0);
    } else if (!has_connection()) {
      if (!replies_.empty()) answer_well(replies_.back());
    } else if (!is_open()) {
      accept();
    } else if (!platform_takes_) {
      attempts_.connection_ends({});
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
  // A ping may have been sent in the last turn.
  if (is_open()) {
    connection().drain();
    mail_.drain();
  }
  look_at_all();
  expect(socket_->state() == State::open, "the socket is open at the end");
  mail_.expect_all_over();
  expect(idle_since_.has_value(), "the queue is sent at the end");
  end_replies();
}

/// Replies to every request, or closes the socket.
void Life::end_replies() {
  if (random_.one_in(2)) {
    for (const std::uint32_t id : mail_.awaited()) reply(id);
    expect(mail_.awaited().empty(), "every reply is accepted");
  } else {
    close(/*flush=*/false);
    attempts_.connection_ends({});
    connection().close(1000);
  }
  look_at_all();
}

}  // namespace model
