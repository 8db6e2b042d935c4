#include <utility>

#include "drawn_options.hpp"
#include "life.hpp"

namespace model {

using namespace std::chrono_literals;
using steady::ErrorCode;
using steady::Payload;
using steady::State;

/// One call of the user.
void Life::act() {
  if (!socket_) return;
  call();
  look();
}

void Life::call() {
  const std::size_t what = random_.below(200);
  if (what < 110) {
    send();
  } else if (what < 120) {
    reply();
  } else if (what < 130) {
    cancel();
  } else if (what < 140) {
    call_drained();
  } else if (what < 150) {
    answer();
  } else if (what < 162) {
    go_on_with_greeting();
  } else if (what < 168) {
    reopen(0);
  } else if (what < 173) {
    reopen(1);
  } else if (what < 180) {
    reopen(2);
  } else if (what < 184) {
    suspend();
  } else if (what < 188) {
    trace("subscribes");
    if (subscriptions_.size() < 30) read_messages();
  } else if (what < 193) {
    trace("unsubscribes");
    if (subscriptions_.size() > 6) subscriptions_.pop_back();
  } else if (what < 197) {
    close(/*flush=*/true);
  } else if (what < 199) {
    close(/*flush=*/false);
  } else {
    trace("destroys the socket");
    end();
  }
}

void Life::send() {
  const bool is_json = random_.one_in(2);
  const std::size_t padding = random_.one_in(10) ? random_.below(120) : 0;
  steady::SendOptions wanted;
  Message message;
  if (random_.one_in(3)) {
    if (random_.one_in(3)) wanted.ttl = random_.pick({0ms, 5ms, 50ms, 500ms});
    if (random_.one_in(3)) message.key = random_.pick({"a", "b"});
    if (random_.one_in(3)) wanted.priority = steady::Priority::high;
    wanted.is_volatile = random_.one_in(6);
    wanted.connection_only = random_.one_in(6);
    // A message that is replaced is reported only if it is tracked, and the model needs the report:
    // it does not always know the queue exactly.
    wanted.track = random_.one_in(2) || !message.key.empty();
  }
  if (random_.one_in(4)) {
    wanted.reply = random_.pick({steady::Unanswered::report, steady::Unanswered::repeat});
  }
  wanted.key = message.key;
  if (wanted.ttl) message.due = runtime_.now() + *wanted.ttl;
  message.is_high = wanted.priority == steady::Priority::high;
  message.is_volatile = wanted.is_volatile;
  message.connection_only = wanted.connection_only;
  message.is_tracked = wanted.track || wanted.reply;
  message.expects_reply = wanted.reply.has_value();
  message.is_repeated = wanted.reply == steady::Unanswered::repeat;

  const State before = socket_->state();
  const std::size_t queued = socket_->queued_messages();
  std::string text = Mail::text_of(mail_.size(), is_json, padding);
  message.size = text.size();
  const std::size_t number = mail_.add(message, queued);
  trace("sends " + text + (wanted.ttl ? " ttl " + std::to_string(wanted.ttl->count()) : "") +
        (message.key.empty() ? "" : " key " + message.key) + (message.is_high ? " high" : "") +
        (wanted.is_volatile ? " volatile" : "") + (wanted.connection_only ? " connection" : "") +
        (wanted.track ? " track" : "") +
        (message.is_repeated     ? " repeat"
         : message.expects_reply ? " reply"
                                 : ""));
  calling_ = true;
  const auto result = socket_->send(is_json ? Payload::json(text) : Payload::text(text), wanted);
  calling_ = false;
  trace(std::string("  ") + to_string(result.status) + " " + to_string(result.reason) + " " +
        std::to_string(result.id));
  const bool over = before == State::closing || before == State::closed;
  expect(over == (result.reason == steady::DropReason::closed),
         "messages are rejected after close, and only then with `closed`");
  mail_.answered(number, result, queued, socket_->queued_messages());
}

void Life::cancel() {
  const std::uint32_t id = mail_.some_id(random_.below(6));
  const std::size_t queued = socket_->queued_messages();
  calling_ = true;
  const bool answer = socket_->cancel(id);
  calling_ = false;
  trace("cancels " + std::to_string(id) + (answer ? "" : ", no effect"));
  mail_.cancelled(id, answer, queued);
}

/// Replies to an earlier id, to any id, or to a message that expects a reply.
void Life::reply() {
  const std::uint32_t newest = mail_.some_id(0);
  const std::vector<std::uint32_t> awaited = mail_.awaited();
  if (awaited.empty() || random_.one_in(2)) {
    reply(random_.one_in(2) ? mail_.some_id(random_.below(6))
                            : static_cast<std::uint32_t>(random_.below(newest + 3)));
  } else {
    reply(awaited[random_.below(awaited.size())]);
  }
}

void Life::reply(std::uint32_t id) {
  look();
  calling_ = true;
  const bool answer = socket_->answered(id);
  calling_ = false;
  trace("has a reply to " + std::to_string(id) + (answer ? "" : ", no effect"));
  mail_.replied(id, answer);
}

void Life::close(bool flush) {
  trace(flush ? "close after a flush" : "close");
  const State before = socket_->state();
  const bool is_leaving = before == State::closing || before == State::closed;
  const bool hands_over =
      before == State::open && is_open() && platform_takes_ && !mail_.queue_is_held();
  steady::CloseOptions options;
  options.flush = flush;
  options.deadline = random_.pick({50ms, 1'000ms, 5'000ms});
  if (flush && !is_leaving && before != State::idle) {
    flush_until_ = runtime_.now() + options.deadline;
    flush_is_known_ = mail_.waiting() == socket_->queued_messages();
  } else if (!flush) {
    flush_until_.reset();
    flush_is_known_ = false;
  }
  mail_.close_called();
  calling_ = true;
  socket_->close(options);
  calling_ = false;
  look();
  expect(flush || !hands_over || socket_->queued_messages() == 0, "close sends the queue");
}

void Life::reopen(int method) {
  const State before = socket_->state();
  const bool is_over = before == State::closing || before == State::closed;
  steady::Error error;
  trace(method == 0 ? "connect" : method == 1 ? "reconnect" : "resume");
  if (method == 0) attempts_.connect_called(before);
  if (method == 1) attempts_.reconnect_called();
  if (method == 2) attempts_.resume_called(before);
  if (method == 1) {
    flush_until_.reset();
    flush_is_known_ = false;
    attempts_.forget_refusal();
  }
  mail_.set_replacing(method == 1);
  calling_ = true;
  if (method == 0) error = socket_->connect();
  if (method == 1) error = socket_->reconnect();
  if (method == 2) error = socket_->resume();
  calling_ = false;
  mail_.look();
  mail_.set_replacing(false);
  expect((error.code == ErrorCode::invalid_state) == (is_over && method != 1),
         "only a closed socket returns invalid_state");
}

void Life::suspend() {
  trace("suspend");
  const State before = socket_->state();
  const bool is_over = before == State::closing || before == State::closed;
  if (!is_over) attempts_.suspend_called();
  calling_ = true;
  const steady::Error error = socket_->suspend();
  calling_ = false;
  expect((error.code == ErrorCode::invalid_state) == is_over,
         "only a closed socket returns invalid_state");
  expect(is_over || socket_->state() == State::suspended, "the state is suspended after suspend()");
}

void Life::call_drained() {
  trace("calls drained()");
  const std::size_t number = drained_.size();
  drained_.emplace_back();
  calling_ = true;
  socket_->drained([this, number](const steady::Error& error) { drained_reported(number, error); });
  calling_ = false;
}

/// Replies mostly to the last call of the provider, and mostly once.
void Life::answer() {
  if (replies_.empty()) return;
  answer(random_.one_in(4) ? replies_[random_.below(replies_.size())] : replies_.back());
}

void Life::answer(Reply& reply) {
  const std::size_t what = random_.below(10);
  if (what > 1) {
    answer_well(reply);
    return;
  }
  const std::string number = std::to_string(reply.question);
  trace((what == 0 ? "the provider fails call " : "the provider returns an invalid URL for call ") +
        number);
  calling_ = true;
  if (what == 0) {
    reply.reply.fail("no");
  } else {
    reply.reply.connect({"no such thing", {}, {}});
  }
  calling_ = false;
}

void Life::answer_well(Reply& reply) {
  const std::string number = std::to_string(reply.question);
  trace("the provider answers call " + number);
  steady::ConnectDetails details;
  details.url = "ws://host/" + number;
  if (reply.question % 2 == 0) details.first_message = first_message + number;
  calling_ = true;
  reply.reply.connect(std::move(details));
  calling_ = false;
}

void Life::go_on_with_greeting() {
  if (greetings_.empty()) return;
  Greeted& greeted =
      random_.one_in(4) ? greetings_[random_.below(greetings_.size())] : greetings_.back();
  const std::size_t what = random_.below(10);
  if (what < 4) {
    send_first(greeted);
  } else if (what < 9) {
    ready(greeted);
  } else {
    fail(greeted);
  }
}

void Life::send_first(Greeted& greeted) {
  Message message;
  message.kind = Message::Kind::greeting;
  const std::string text = Mail::text_of(mail_.size(), false, 0);
  message.size = text.size();
  message.connection_only = true;
  const std::size_t number = mail_.add(message, 0);
  calling_ = true;
  const bool taken = greeted.greeting.send(text);
  calling_ = false;
  trace("the greeting sends " + text + (taken ? "" : ", refused"));
  mail_.greeting_answered(number, taken);
}

void Life::ready(Greeted& greeted) {
  trace("the greeting is ready");
  if (greeted.connection == runtime_.transports() && is_open() && mail_.queue_is_held() &&
      !greeted.has_failed) {
    mail_.greeting_is_over();
    attempts_.connection_is_in_order();
  }
  calling_ = true;
  greeted.greeting.ready();
  calling_ = false;
}

void Life::fail(Greeted& greeted) {
  trace("the greeting fails");
  greeted.has_failed = true;
  calling_ = true;
  greeted.greeting.fail("no");
  calling_ = false;
}

void Life::end() {
  look();
  calling_ = true;
  socket_.reset();
  calling_ = false;
}

}  // namespace model
