#include "session_life.hpp"

#include <algorithm>
#include <utility>

namespace model {

using namespace std::chrono_literals;
using steady::DropReason;
using steady::Payload;
using steady::State;
using steady::Unconfirmed;

SessionLife::SessionLife(Random& random, Witness& witness)
    : random_(random),
      witness_(witness),
      options_(draw(random)),
      server_(witness, random, runtime_) {
  server_.window = options_.session->window;
  server_.repeats = options_.queue.unconfirmed == Unconfirmed::requeue;
  keep_if_it_fails(log_);
  socket_ = std::make_unique<steady::Socket>(options_, recording_);
  listen();
}

steady::Options SessionLife::draw(Random& random) {
  steady::Options options;
  options.url = "ws://host";
  options.session.emplace();
  options.session->window = random.pick<std::size_t>({1, 2, 5, 64, 1'000});
  options.queue.max_messages = random.pick<std::size_t>({5, 1'000});
  if (random.one_in(3)) options.queue.unconfirmed = Unconfirmed::requeue;
  if (random.one_in(2)) options.batch.emplace();
  if (random.one_in(2)) options.dispatch = steady::Dispatch::queued;
  if (random.one_in(4)) options.high_water_mark = 50;
  if (random.one_in(4)) options.heartbeat.emplace();
  if (random.one_in(8)) options.inbound.max_messages = 3;
  options.reconnect.initial_delay = 100ms;
  options.reconnect.max_delay = 1s;
  return options;
}

void SessionLife::listen() {
  const auto keep = [this](steady::Subscription subscription) {
    subscriptions_.push_back(std::move(subscription));
  };
  keep(socket_->on_message([this](const steady::Message& message) {
    const auto numbers = numbers_in(message.data);
    trace("event message " + std::string(message.data));
    witness_.expect(numbers.size() == 1, "a message is dispatched unchanged");
    if (numbers.size() != 1) return;
    witness_.expect(numbers[0] > last_dispatched_, "messages are dispatched once and in order");
    last_dispatched_ = numbers[0];
    if (random_.one_in(16)) act();
    server_.dispatched.insert(numbers[0]);
  }));
  keep(socket_->on_drop([this](const steady::Drop& drop) {
    const auto numbers = numbers_in(drop.payload.data());
    trace(std::string(to_string(drop.reason)) + " " + std::string(drop.payload.data()));
    witness_.expect(numbers.size() == 1, "a drop contains its message");
    if (numbers.size() != 1) return;
    Message& message = messages_[numbers[0]];
    witness_.expect(!std::exchange(message.is_dropped, true), "a drop is reported once");
    message.was_not_sent = drop.reason != DropReason::unconfirmed;
    witness_.expect(!message.was_not_sent || server_.handled[numbers[0]] == 0 || server_.may_repeat,
                    "a message reported as unsent is not handled");
  }));
  keep(socket_->on_outcome([this](const steady::Outcome& outcome) {
    const auto found = tracked_.find(outcome.id);
    witness_.expect(found != tracked_.end(), "an outcome is reported once");
    if (found == tracked_.end()) return;
    witness_.expect(!outcome.is_delivered || server_.handled[found->second] > 0,
                    "a delivered message was handled");
    tracked_.erase(found);
  }));
  keep(socket_->on_error([this](const steady::Error& error) {
    trace(std::string(to_string(error.code)) + ": " + error.message);
    witness_.expect(error.message != "malformed session frame", "the server keeps the protocol");
  }));
  keep(socket_->on_session([this](const steady::SessionChange& change) {
    trace(std::string("the session is ") + to_string(change.state));
  }));
  keep(socket_->on_close([this](const steady::CloseInfo& info) {
    trace("close " + std::to_string(info.code) + (info.will_retry ? ", retry" : ""));
  }));
}

void SessionLife::run(std::size_t steps) {
  for (; steps > 0 && witness_.found() == nullptr; --steps) {
    happen();
    look();
  }
  if (witness_.found() == nullptr) end_well();
  subscriptions_.clear();
  socket_.reset();
  if (witness_.found() != nullptr) return;
  runtime_.advance(10s);
  witness_.expect(runtime_.timers() == 0, "no timer runs after the destruction");
  witness_.expect(log_.replay().empty(), "the same inputs give the same commands");
}

void SessionLife::look() {
  server_.look();
  witness_.expect(socket_->queued_messages() <= options_.queue.max_messages,
                  "the queue is limited in messages");
}

void SessionLife::happen() {
  switch (random_.below(8)) {
    case 0:
    case 1:
      send();
      break;
    case 2:
      act();
      break;
    case 3:
    case 4:
    case 5:
      serve();
      break;
    case 6:
      pass(random_.below(300));
      break;
    default:
      runtime_.run_posted();
      if (random_.one_in(20)) pass(random_.below(20'000));
  }
}

void SessionLife::pass(std::size_t ms) { runtime_.advance(std::chrono::milliseconds(ms)); }

// --- Calls of the user. ---

void SessionLife::send() {
  const std::uint64_t number = ++last_;
  const bool is_json = random_.one_in(3);
  std::string text = is_json             ? "{\"c\":" + std::to_string(number) + "}"
                     : random_.one_in(8) ? "\x10"
                                           "c" +
                                               std::to_string(number)
                                         : "c" + std::to_string(number);
  steady::SendOptions wanted;
  wanted.is_volatile = random_.one_in(8);
  wanted.connection_only = random_.one_in(8);
  wanted.track = random_.one_in(4);
  if (random_.one_in(8)) wanted.ttl = std::chrono::milliseconds(random_.below(500));
  messages_[number] = {};
  trace("sends " + text + (wanted.is_volatile ? " volatile" : "") +
        (wanted.connection_only ? " connection" : "") + (wanted.ttl ? " ttl" : ""));
  const auto result = socket_->send(is_json ? Payload::json(text) : Payload::text(text), wanted);
  const bool is_taken = result.reason == DropReason::none;
  messages_[number].is_taken = is_taken;
  if (is_taken && wanted.track) tracked_[result.id] = number;
}

void SessionLife::act() {
  switch (random_.below(16)) {
    case 0:
      trace("suspend");
      socket_->suspend();
      break;
    case 1:
    case 2:
      trace("resume");
      socket_->resume();
      break;
    case 3:
      trace("reconnect");
      socket_->reconnect();
      break;
    case 4:
      if (!random_.one_in(8)) break;
      trace("close");
      socket_->close({.flush = random_.one_in(2), .deadline = 500ms});
      break;
    case 5:
    case 6:
      call_delivered();
      break;
    case 7:
      trace("connect");
      socket_->connect();
      break;
    case 8: {
      const steady::Hint hint = random_.pick({steady::Hint::online, steady::Hint::wake});
      runtime_.notice(hint);
      break;
    }
    default:
      if (random_.one_in(2)) {
        socket_->poll({.max_messages = 1 + random_.below(3)});
      } else {
        socket_->poll();
      }
  }
}

void SessionLife::call_delivered() {
  ++deliveries_;
  trace("calls delivered()");
  socket_->delivered([this, last = last_](const steady::Error& error) {
    --deliveries_;
    trace(std::string("delivered: ") + to_string(error.code));
    if (error) return;
    for (const auto& [number, message] : messages_) {
      if (number > last) break;
      witness_.expect(!message.is_taken || message.is_dropped || server_.handled[number] > 0,
                      "messages sent before delivered() were handled or dropped");
    }
  });
}

// --- The server and the links. ---

void SessionLife::serve() {
  if (runtime_.transports() == 0) return;
  if (!server_.is_accepted()) {
    if (runtime_.connection().abandoned()) {
      server_.accept_none();
    } else if (random_.one_in(4)) {
      trace("the attempt fails");
      server_.accept_none();
      runtime_.connection().drop();
    } else {
      trace("the server accepts");
      server_.accept();
    }
    return;
  }
  const std::size_t newest = server_.links() - 1;
  const std::size_t old = random_.below(server_.links());
  switch (random_.below(32)) {
    case 0:
      trace("the connection breaks");
      server_.die(newest, true);
      break;
    case 1:
      trace("the connection dies unnoticed");
      server_.die(newest, false);
      break;
    case 2:
      if (!random_.one_in(4)) break;
      trace("the server loses its sessions");
      server_.forget(random_.one_in(2));
      break;
    case 3:
      if (!random_.one_in(4)) break;
      trace("the server ends the session");
      server_.end_session();
      break;
    case 4:
    case 5:
    case 6:
      server_.acknowledge();
      break;
    case 7:
      server_.ask();
      break;
    case 8:
    case 9:
    case 10:
    case 11:
      server_.send(options_.batch && random_.one_in(3));
      break;
    case 12:
    case 13:
    case 14:
      server_.deliver_up(old);
      break;
    case 15:
      server_.deliver_down(old);
      break;
    case 16:
      trace("the platform accepts no more messages");
      runtime_.connection().answer_send_with(steady::TransportSend::not_open);
      break;
    default:
      for (std::size_t left = 1 + random_.below(6); left > 0; --left) {
        if (random_.one_in(2)) {
          server_.deliver_up(newest);
        } else if (server_.is_alive(newest)) {
          server_.deliver_down(newest);
        }
        look();
      }
  }
}

// --- The end. ---

bool SessionLife::is_settled() {
  return socket_->state() == State::open && socket_->queued_messages() == 0 &&
         server_.is_settled() && deliveries_ == 0;
}

void SessionLife::end_well() {
  trace("no more failures");
  bool has_called = false;
  for (int turn = 0; turn < 2'000 && witness_.found() == nullptr; ++turn) {
    const State state = socket_->state();
    if (state == State::closed) socket_->reconnect();
    if (state == State::suspended || state == State::waiting) socket_->connect();
    if (runtime_.transports() > 0 && !server_.is_accepted()) {
      if (runtime_.connection().abandoned()) {
        server_.accept_none();
      } else {
        server_.accept();
      }
    }
    look();
    for (std::size_t at = 0; at < server_.links(); ++at) {
      while (server_.deliver_up(at)) look();
    }
    if (server_.is_accepted() && server_.links() > 0) {
      const std::size_t newest = server_.links() - 1;
      while (server_.is_alive(newest) && server_.deliver_down(newest)) look();
    }
    server_.acknowledge();
    socket_->poll();
    pass(50);
    if (!is_settled()) continue;
    if (has_called) break;
    has_called = true;
    call_delivered();
  }
  trace("state " + std::string(to_string(socket_->state())) + ", " +
        std::to_string(socket_->queued_messages()) + " messages queued, " +
        std::to_string(deliveries_) + " calls of delivered() pending, the server is " +
        (server_.is_settled() ? "settled" : "not settled"));
  witness_.expect(is_settled(), "without failures both sides settle");
  runtime_.run_posted();
  socket_->poll();
  look_at_all();
}

void SessionLife::look_at_all() {
  server_.expire();
  for (const auto& [number, message] : messages_) {
    const bool is_handled = server_.handled[number] > 0;
    witness_.expect(is_handled || message.is_dropped, "a message is handled or reported");
    witness_.expect(
        !is_handled || !message.is_dropped || !message.was_not_sent || server_.may_repeat,
        "a message reported as unsent is not handled");
  }
  for (std::uint64_t number = 1; number <= server_.sent(); ++number) {
    witness_.expect(server_.dispatched.contains(number) || server_.undelivered.contains(number),
                    "a message of the server is dispatched or reported");
  }
  witness_.expect(tracked_.empty(), "every outcome is reported");
}

}  // namespace model
