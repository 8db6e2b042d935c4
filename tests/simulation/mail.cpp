#include "mail.hpp"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <utility>

#include "drawn_options.hpp"
#include "story.hpp"

namespace model {

using steady::DropReason;
using steady::Overflow;
using steady::SendStatus;
using steady::State;
using steady::Unconfirmed;

namespace {

std::size_t number_in(std::string_view text) {
  const auto digit = text.find_first_of("0123456789");
  expect(digit != std::string_view::npos, "every message contains a number");
  return std::strtoull(std::string(text.substr(digit)).c_str(), nullptr, 10);
}

}  // namespace

// --- Calls of the user. ---

std::string Mail::text_of(std::size_t number, bool is_json, std::size_t padding) {
  std::string text = (is_json ? "{\"n\":" : "text ") + std::to_string(number);
  text.append(padding, ' ');
  if (is_json) text += "}";
  return text;
}

std::size_t Mail::add(Message message, std::size_t queued) {
  const std::size_t number = messages_.size();
  message.sent_at = runtime_.now();
  message.sent_on = runtime_.transports();
  message.place = ++back_;
  if (message.kind == Message::Kind::queued && !message.key.empty()) {
    // The queue is known exactly if its size equals that of the model.
    const bool is_known = queued == line_.size() && (!options_.batch || room_for(message.size));
    const auto older = waiting_with(message.key);
    if (!is_known) {
      message.is_place_unknown = true;
    } else if (older) {
      const Message& other = messages_[*older];
      if (message.size <= options_.queue.max_bytes - (waiting_bytes() - other.size)) {
        message.place = other.place;
        message.is_high = other.is_high;
        message.is_place_unknown = other.is_place_unknown;
      } else {
        message.is_place_unknown = true;
      }
    }
  }
  messages_.push_back(std::move(message));
  return number;
}

void Mail::answered(std::size_t number, const steady::SendResult& result, std::size_t queued_before,
                    std::size_t queued_after) {
  Message& message = messages_[number];
  const bool was_known = queued_before == line_.size();
  const bool had_room = room_for(message.size);
  const bool could_push = could_push_out(message);
  const auto older = message.key.empty() ? std::nullopt : waiting_with(message.key);
  look();
  const bool is_taken = result.status == SendStatus::sent || result.status == SendStatus::queued;
  if (is_taken) {
    expect(result.reason == DropReason::none, "an accepted message has no reason");
    if (result.id != 0) {
      expect(ids_.emplace(result.id, number).second, "an id belongs to one message");
      message.id = result.id;
    }
    expect((result.id != 0) == (message.is_tracked || result.status == SendStatus::queued),
           "a queued or tracked message has an id");
    if (message.is_tracked) outcomes_due_.push_back(number);
    if (!message.key.empty()) newest_with_key_[message.key] = number;
  }
  switch (result.status) {
    case SendStatus::sent:
      expect(message.fate == Fate::sent, "a message with the status sent was transmitted");
      break;
    case SendStatus::queued:
      expect(!message.is_volatile, "a volatile message is not queued");
      if (message.fate == Fate::unknown) wait(number);
      if (older && !message.is_place_unknown && messages_[*older].fate == Fate::waits) {
        messages_[*older].fate = Fate::doomed;
        messages_[*older].reason = DropReason::replaced;
        leave_line(*older);
      }
      if (was_known && had_room && !older && !options_.batch && message.key.empty()) {
        expect(queued_after == queued_before + 1, "no message is dropped while the queue has room");
      }
      break;
    case SendStatus::dropped:
    case SendStatus::rejected:
      expect(message.fate == Fate::unknown, "a rejected message was not transmitted");
      expect(result.id == 0, "a rejected message has no id");
      message.fate = Fate::doomed;
      message.reason = result.reason;
      if (result.reason == DropReason::queue_full) {
        expect(!had_room, "queue_full is returned only if the queue is full");
        expect(options_.queue.overflow != Overflow::drop_oldest || !could_push,
               "with drop_oldest the oldest messages make room if possible");
        expect((options_.queue.overflow == Overflow::drop_newest) ==
                   (result.status == SendStatus::dropped),
               "a message without room has the status of the overflow option");
      }
      if (result.reason == DropReason::not_now) {
        expect(message.is_volatile, "not_now is returned only for volatile messages");
      }
      if (result.reason == DropReason::connection_ended) {
        expect(message.connection_only,
               "connection_ended is returned only for connection_only messages");
      }
      if (result.reason == DropReason::refused) {
        expect(number < refused_before_, "a message is refused only if the platform refuses it");
      }
  }
}

void Mail::greeting_answered(std::size_t number, bool taken) {
  Message& message = messages_[number];
  look();
  expect(taken == (message.fate == Fate::sent),
         "Greeting::send returns whether the message was transmitted");
}

void Mail::sent_on_credit(std::size_t number) {
  Message& message = messages_[number];
  message.fate = Fate::sent;
  message.transmitted_on = looked_at_;
  now_.held.push_back({message.size, {number}});
}

void Mail::cancelled(std::uint32_t id, bool answer, std::size_t queued_before) {
  const auto found = ids_.find(id);
  const bool waited = found != ids_.end() && messages_[found->second].fate == Fate::waits;
  expect(!answer || waited, "only a queued message can be cancelled");
  expect(answer || !waited || queued_before != line_.size(), "a queued message can be cancelled");
  if (!answer) return;
  messages_[found->second].fate = Fate::doomed;
  messages_[found->second].reason = DropReason::cancelled;
  leave_line(found->second);
}

/// A reply was received to the message with this id, if there is one.
void Mail::replied(std::uint32_t id, bool answer) {
  const auto found = ids_.find(id);
  const bool is_expected = found != ids_.end() && is_awaited(messages_[found->second]);
  expect(answer == is_expected, "a reply is accepted if its message was sent and expects one");
  if (!answer) return;
  messages_[found->second].fate = Fate::answered;
  outcomes_due_.erase(std::find(outcomes_due_.begin(), outcomes_due_.end(), found->second));
}

std::uint32_t Mail::some_id(std::size_t which) const {
  return which < ids_.size() ? std::next(ids_.rbegin(), static_cast<std::ptrdiff_t>(which))->first
                             : 0;
}

std::vector<std::uint32_t> Mail::awaited() const {
  std::vector<std::uint32_t> ids;
  for (const std::size_t number : now_.requests) {
    if (is_awaited(messages_[number])) ids.push_back(messages_[number].id);
  }
  return ids;
}

bool Mail::is_awaited(const Message& message) const {
  return message.expects_reply && message.fate == Fate::sent;
}

// --- The platform's buffer. ---

void Mail::drain(std::size_t bytes) {
  while (!now_.held.empty() && bytes > 0) {
    Frame& oldest = now_.held.front();
    const std::size_t part = std::min(bytes, oldest.bytes);
    oldest.bytes -= part;
    bytes -= part;
    if (oldest.bytes == 0) now_.held.pop_front();
  }
}

std::size_t Mail::held_bytes() const {
  std::size_t bytes = 0;
  for (const Frame& frame : now_.held) bytes += frame.bytes;
  return bytes;
}

bool Mail::is_held(std::size_t number) const {
  return std::any_of(now_.held.begin(), now_.held.end(), [number](const Frame& frame) {
    return std::find(frame.numbers.begin(), frame.numbers.end(), number) != frame.numbers.end();
  });
}

// --- Observations. ---

void Mail::look() {
  if (now_.refuses) refused_before_ = messages_.size();
  while (looked_at_ < runtime_.transports()) {
    const auto& connection = runtime_.connection(looked_at_);
    const auto& sent = connection.sent();
    for (; now_.seen < sent.size(); ++now_.seen) {
      look_at_frame(sent[now_.seen].data, now_.seen == 0);
    }
    if (!connection.abandoned()) return;
    connection_over();
    ++looked_at_;
    now_ = {};
    now_.is_ready = !options_.greet;
  }
}

void Mail::look_at_state(State state) {
  if (state == State::closed || state == State::closing) {
    closed_before_ = messages_.size();
  } else {
    is_closing_ = false;
  }
}

void Mail::greeting_begins() {
  expect(!now_.greeting_begun, "greet is called once for a connection");
  now_.greeting_begun = true;
}

/// Unconfirmed messages and requests without a reply are sent first on the next connection, if the
/// options say so. The newest is put in front first.
void Mail::connection_over() {
  const bool may_repeat = !runtime_.connection(looked_at_).close_requested() || is_replacing_;
  for (auto frame = now_.held.rbegin(); frame != now_.held.rend(); ++frame) {
    for (auto at = frame->numbers.rbegin(); at != frame->numbers.rend(); ++at) {
      connection_over_for(*at, /*was_held=*/true, may_repeat);
    }
  }
  for (auto at = now_.requests.rbegin(); at != now_.requests.rend(); ++at) {
    connection_over_for(*at, /*was_held=*/false, may_repeat);
  }
}

void Mail::connection_over_for(std::size_t number, bool was_held, bool may_repeat) {
  Message& message = messages_[number];
  // Already answered, or handled as held.
  if (message.fate != Fate::sent) return;
  message.was_sent = true;
  message.was_held = was_held;
  const bool is_wanted = message.expects_reply ? message.is_repeated
                                               : options_.queue.unconfirmed == Unconfirmed::requeue;
  if (may_repeat && is_wanted && !message.connection_only && !message.is_volatile &&
      message.kind != Message::Kind::greeting) {
    message.place = --front_;
    // A replaced priority stays unknown.
    message.overtaken = false;
    message.must_repeat = room_for(message.size);
    wait(number);
  } else {
    message.fate = was_held ? Fate::doomed : Fate::given_up;
    message.reason = was_held ? DropReason::unconfirmed : DropReason::unanswered;
  }
}

/// Checks the payload of one frame.
void Mail::look_at_frame(std::string_view text, bool is_first) {
  // With a provider, URL and first message contain the number of its call.
  const std::string& url = runtime_.connection(looked_at_).request().url;
  const auto slash = url.rfind('/');
  const std::string number = options_.provider ? url.substr(slash + 1) : std::string();
  const bool has_first = options_.provider ? std::strtoul(number.c_str(), nullptr, 10) % 2 == 0
                                           : options_.first_message.has_value();
  expect((text == first_message + number) == (is_first && has_first),
         "the first message is sent first");

  const bool is_full = held_bytes() >= options_.high_water_mark;
  Frame& frame = now_.held.emplace_back();
  frame.bytes = text.size();
  const std::size_t whole = text.size();
  if (text.starts_with(first_message) || text == ping) {
  } else if (!text.starts_with('[')) {
    frame.numbers.push_back(number_in(text));
    transmitted(text);
  } else {
    expect(options_.batch.has_value(), "batches are sent only with the option");
    expect(whole <= std::max(options_.batch->max_bytes, text.find(',')),
           "a batch is limited in bytes");
    text.remove_prefix(1);
    for (std::size_t end; (end = text.find_first_of(",]")) != std::string_view::npos;) {
      expect(text.starts_with('{'), "only JSON is batched");
      frame.numbers.push_back(number_in(text));
      transmitted(text.substr(0, end));
      text.remove_prefix(end + 1);
    }
    expect(frame.numbers.size() <= options_.batch->max_messages, "a batch is limited in messages");
  }
  const bool is_of_queue =
      !frame.numbers.empty() && messages_[frame.numbers.front()].kind == Message::Kind::queued;
  expect(!is_of_queue || !is_full || is_closing_, "messages are queued above the high-water mark");
  if (!now_.holds) now_.held.pop_back();
}

void Mail::transmitted(std::string_view text) {
  const std::size_t number = number_in(text);
  Message& message = messages_.at(number);
  expect(message.fate == Fate::unknown || message.fate == Fate::waits,
         "a message is not sent twice, or after its end");
  if (message.kind == Message::Kind::greeting) {
    expect(!now_.is_ready, "a greeting is sent before the queue");
    expect(message.sent_on == looked_at_ + 1, "a greeting is sent on its own connection");
  } else {
    expect(now_.is_ready, "the queue is not sent before the greeting is complete");
    expect(!message.overtaken, "messages are sent in order of priority, then in order");
    expect(!message.due || runtime_.now() < *message.due || runtime_.now() == message.sent_at,
           "no message is sent after its ttl");
    expect(!message.connection_only || message.sent_on == looked_at_ + 1,
           "a connection_only message is sent on its own connection");
    expect(!message.is_volatile || message.fate == Fate::unknown,
           "a volatile message is sent at once");
    for (const std::size_t other : line_) {
      if (is_ahead(messages_[other], message)) messages_[other].overtaken = true;
    }
  }
  if (message.fate == Fate::waits) leave_line(number);
  message.fate = Fate::sent;
  message.transmitted_on = looked_at_;
  if (message.expects_reply) now_.requests.push_back(number);
}

bool Mail::is_ahead(const Message& one, const Message& other) const {
  if (one.is_place_unknown || other.is_place_unknown) return false;
  return one.is_high == other.is_high ? one.place < other.place : one.is_high;
}

void Mail::wait(std::size_t number) {
  messages_[number].fate = Fate::waits;
  line_.push_back(number);
}

void Mail::leave_line(std::size_t number) {
  line_.erase(std::find(line_.begin(), line_.end(), number));
}

std::optional<std::size_t> Mail::waiting_with(const std::string& key) const {
  const auto found = std::find_if(line_.begin(), line_.end(), [this, &key](std::size_t number) {
    return messages_[number].key == key;
  });
  return found == line_.end() ? std::nullopt : std::optional(*found);
}

std::size_t Mail::waiting_bytes() const {
  std::size_t bytes = 0;
  for (const std::size_t number : line_) bytes += messages_[number].size;
  return bytes;
}

bool Mail::room_for(std::size_t size) const {
  return line_.size() < options_.queue.max_messages &&
         waiting_bytes() + size <= options_.queue.max_bytes;
}

// --- Events. ---

bool Mail::drop_reported(const steady::Drop& drop) {
  const std::string_view text = drop.payload.data();
  expect(!text.starts_with(first_message) && text != ping,
         "drops of first messages and pings are not reported");
  const std::size_t number = number_in(text);
  Message& message = messages_.at(number);
  expect(message.fate != Fate::dropped, "a drop is reported once");
  expect(message.id == 0 || drop.id == message.id, "a drop has the id of its message");
  const bool waited = message.fate == Fate::waits;
  if (message.kind == Message::Kind::greeting && message.fate == Fate::unknown) {
    expect(drop.reason == DropReason::refused && number < refused_before_,
           "a greeting is dropped only as refused");
  } else if (message.fate == Fate::doomed) {
    expect(drop.reason == message.reason, "a drop is reported with its reason");
  } else {
    expect(message.fate == Fate::waits, "only an unsent message is dropped");
    switch (drop.reason) {
      case DropReason::queue_full:
        expect(options_.queue.overflow == Overflow::drop_oldest,
               "queue_full drops a queued message only with drop_oldest");
        expect_oldest(number);
        break;
      case DropReason::closed:
        expect(number < closed_before_, "queued messages are dropped as closed only by a close");
        break;
      case DropReason::refused:
        expect(number < refused_before_, "a message is refused only if the platform refuses it");
        break;
      case DropReason::expired:
        expect(message.due && runtime_.now() >= *message.due,
               "a message expires only after its ttl");
        break;
      case DropReason::replaced:
        expect(!message.key.empty() && newest_with_key_[message.key] > number,
               "a message is replaced only by a newer one with its key");
        break;
      case DropReason::connection_ended:
        expect(message.connection_only && looked_at_ >= message.sent_on,
               "a connection_only message is dropped only at the end of its connection");
        break;
      case DropReason::unconfirmed:
        expect(message.was_held, "only messages in the platform's buffer are unconfirmed");
        expect(!message.must_repeat, "a message is repeated if there is room");
        break;
      default:
        expect(false, "a drop has a known reason");
    }
    leave_line(number);
  }
  message.fate = Fate::dropped;
  message.reason = drop.reason;
  return waited;
}

/// No older message is queued that should have been dropped before it.
void Mail::expect_oldest(std::size_t number) const {
  const Message& message = messages_[number];
  for (const std::size_t other : line_) {
    const Message& older = messages_[other];
    if (other >= number || older.was_sent || older.is_place_unknown || message.is_place_unknown)
      continue;
    expect(older.is_high || (!message.is_high && older.place > message.place),
           "the oldest messages are dropped first");
  }
}

/// Returns whether there would be room without the messages that it may displace.
bool Mail::could_push_out(const Message& message) const {
  std::size_t bytes = message.size;
  std::size_t messages = 0;
  for (const std::size_t number : line_) {
    const Message& other = messages_[number];
    if (message.is_high || !(other.is_high || other.is_place_unknown)) continue;
    bytes += other.size;
    ++messages;
  }
  return messages < options_.queue.max_messages && bytes <= options_.queue.max_bytes;
}

void Mail::outcome_reported(const steady::Outcome& outcome) {
  const auto found = ids_.find(outcome.id);
  expect(found != ids_.end(), "an outcome has the id of a message");
  Message& message = messages_[found->second];
  const auto due = std::find(outcomes_due_.begin(), outcomes_due_.end(), found->second);
  expect(due != outcomes_due_.end(), "a tracked message has one outcome");
  outcomes_due_.erase(due);
  if (outcome.reason == DropReason::none) {
    expect(message.fate == Fate::sent && !is_held(found->second),
           "a message with the outcome none has left the platform's buffer");
    expect(!message.expects_reply, "a request has no outcome when it is sent");
  } else if (outcome.reason == DropReason::unanswered) {
    if (message.fate == Fate::waits) {
      expect(message.expects_reply && message.was_sent && !message.was_held,
             "only a sent request is unanswered");
      expect(!message.must_repeat, "a message is repeated if there is room");
      leave_line(found->second);
    } else {
      expect(message.fate == Fate::given_up, "only a sent request without a reply is unanswered");
    }
    message.fate = Fate::dropped;
  } else {
    expect(message.fate == Fate::dropped && message.reason == outcome.reason,
           "an outcome has the reason of its drop");
  }
}

void Mail::expect_all_reported(std::size_t queued, State state) {
  expect(line_.size() == queued, "every message was sent, dropped, or is queued");
  expect(waiting_bytes() <= options_.queue.max_bytes, "the queue is limited in bytes");
  expect(state != State::closed || queued == 0, "the queue of a closed socket is empty");
  for (const Message& message : messages_) {
    expect(message.fate != Fate::doomed && message.fate != Fate::given_up,
           "every drop and every unanswered request is reported");
  }
  for (const std::size_t number : outcomes_due_) {
    const Message& message = messages_[number];
    expect(message.fate == Fate::waits ||
               (message.fate == Fate::sent && message.transmitted_on == looked_at_),
           "the outcome of every sent or dropped message is reported");
  }
  for (const std::size_t number : line_) {
    const Message& message = messages_[number];
    expect(!message.connection_only || message.sent_on == looked_at_ + 1,
           "a connection_only message is not queued after its connection");
    // A requeued message may have expired while it was sent.
    expect(!message.due || message.was_sent || runtime_.now() <= *message.due,
           "an expired message is not queued");
    expect(message.key.empty() || waiting_with(message.key) == number,
           "at most one message with a key is queued");
  }
}

void Mail::expect_all_over() const {
  expect(line_.empty(), "the queue is empty at the end");
  expect(std::all_of(outcomes_due_.begin(), outcomes_due_.end(),
                     [this](std::size_t number) { return is_awaited(messages_[number]); }),
         "every outcome is reported at the end");
}

}  // namespace model
