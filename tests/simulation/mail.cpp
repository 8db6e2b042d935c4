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
  expect(digit != std::string_view::npos, "every message has a number");
  return std::strtoull(std::string(text.substr(digit)).c_str(), nullptr, 10);
}

}  // namespace

// --- What the user does. ---

std::string Mail::text_of(std::size_t number, bool is_json, std::size_t padding) {
  std::string text = (is_json ? "{\"n\":" : "text ") + std::to_string(number);
  text.append(padding, ' ');
  if (is_json) text += "}";
  return text;
}

std::size_t Mail::add(Message message, std::size_t queued) {
  const std::size_t number = messages_.size();
  message.sent_at = runtime_.now();
  message.asked_on = runtime_.transports();
  message.place = ++back_;
  if (message.kind == Message::Kind::queued && !message.key.empty()) {
    // Which messages wait is known if as many do as were seen.
    const bool is_known = queued == line_.size() && (!options_.batch || room_for(message.size));
    const auto older = waiting_with(message.key);
    if (!is_known) {
      message.somewhere = true;
    } else if (older) {
      const Message& other = messages_[*older];
      if (message.size <= options_.queue.max_bytes - (waiting_bytes() - other.size)) {
        message.place = other.place;
        message.is_high = other.is_high;
        message.somewhere = other.somewhere;
      } else {
        message.somewhere = true;
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
    expect(result.reason == DropReason::none, "what is taken has no reason");
    if (result.id != 0) {
      expect(ids_.emplace(result.id, number).second, "an id names one message");
      message.id = result.id;
    }
    expect((result.id != 0) == (message.is_tracked || result.status == SendStatus::queued),
           "what is queued or tracked has an id");
    if (message.is_tracked) outcomes_due_.push_back(number);
    if (!message.key.empty()) newest_with_key_[message.key] = number;
  }
  switch (result.status) {
    case SendStatus::sent:
      expect(message.fate == Fate::sent, "what is said to be sent was handed over");
      break;
    case SendStatus::queued:
      expect(!message.is_volatile, "what is volatile does not wait");
      if (message.fate == Fate::unknown) wait(number);
      if (older && !message.somewhere && messages_[*older].fate == Fate::waits) {
        messages_[*older].fate = Fate::doomed;
        messages_[*older].reason = DropReason::replaced;
        leave_line(*older);
      }
      if (was_known && had_room && !older && !options_.batch && message.key.empty()) {
        expect(queued_after == queued_before + 1, "nothing is dropped where there is room");
      }
      break;
    case SendStatus::dropped:
    case SendStatus::rejected:
      expect(message.fate == Fate::unknown, "what is rejected was not handed over");
      expect(result.id == 0, "what is rejected has no id");
      message.fate = Fate::doomed;
      message.reason = result.reason;
      if (result.reason == DropReason::queue_full) {
        expect(!had_room, "only a full queue is full");
        expect(options_.queue.overflow != Overflow::drop_oldest || !could_push,
               "the oldest make room if they can");
        expect((options_.queue.overflow == Overflow::drop_newest) ==
                   (result.status == SendStatus::dropped),
               "what does not fit is told as the options have it");
      }
      if (result.reason == DropReason::not_now) {
        expect(message.is_volatile, "only what is volatile is now or never");
      }
      if (result.reason == DropReason::connection_ended) {
        expect(message.connection_only, "only what is of a connection ends with it");
      }
      if (result.reason == DropReason::refused) {
        expect(number < refused_before_, "only a platform that refuses refuses");
      }
  }
}

void Mail::greeting_answered(std::size_t number, bool taken) {
  Message& message = messages_[number];
  look();
  expect(taken == (message.fate == Fate::sent), "what a greeting says to have sent it has sent");
}

void Mail::sent_unasked(std::size_t number) {
  Message& message = messages_[number];
  message.fate = Fate::sent;
  message.handed_on = looked_at_;
  now_.held.push_back({message.size, {number}});
}

void Mail::cancelled(std::uint32_t id, bool answer, std::size_t queued_before) {
  const auto found = ids_.find(id);
  const bool waited = found != ids_.end() && messages_[found->second].fate == Fate::waits;
  expect(!answer || waited, "only what waits can be cancelled");
  expect(answer || !waited || queued_before != line_.size(), "what waits can be cancelled");
  if (!answer) return;
  messages_[found->second].fate = Fate::doomed;
  messages_[found->second].reason = DropReason::cancelled;
  leave_line(found->second);
}

/// A reply has come to the message with this id, if there is one.
void Mail::replied(std::uint32_t id, bool answer) {
  const auto found = ids_.find(id);
  const bool is_expected = found != ids_.end() && is_awaited(messages_[found->second]);
  expect(answer == is_expected, "a reply is one to what was sent and waits for it");
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
  for (const std::size_t number : now_.asked) {
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

// --- What is seen. ---

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
  expect(!now_.greeting_begun, "a connection is greeted once");
  now_.greeting_begun = true;
}

/// What the platform still had, or what has no reply, goes first on the next connection, if that is
/// asked for. The newest is put in front first.
void Mail::connection_over() {
  const bool may_repeat = !runtime_.connection(looked_at_).close_requested() || begins_anew_;
  for (auto frame = now_.held.rbegin(); frame != now_.held.rend(); ++frame) {
    for (auto at = frame->numbers.rbegin(); at != frame->numbers.rend(); ++at) {
      connection_over_for(*at, /*was_held=*/true, may_repeat);
    }
  }
  for (auto at = now_.asked.rbegin(); at != now_.asked.rend(); ++at) {
    connection_over_for(*at, /*was_held=*/false, may_repeat);
  }
}

void Mail::connection_over_for(std::size_t number, bool was_held, bool may_repeat) {
  Message& message = messages_[number];
  // It has its reply, or the platform had it.
  if (message.fate != Fate::sent) return;
  message.was_sent = true;
  message.was_held = was_held;
  const bool is_wanted = message.expects_reply ? message.is_repeated
                                               : options_.queue.unconfirmed == Unconfirmed::requeue;
  if (may_repeat && is_wanted && !message.connection_only && !message.is_volatile &&
      message.kind != Message::Kind::greeting) {
    message.place = --front_;
    // Which priority it took over stays unknown.
    message.overtaken = false;
    message.must_repeat = room_for(message.size);
    wait(number);
  } else {
    message.fate = was_held ? Fate::doomed : Fate::given_up;
    message.reason = was_held ? DropReason::unconfirmed : DropReason::unanswered;
  }
}

/// The payload of one frame.
void Mail::look_at_frame(std::string_view text, bool is_first) {
  // What a provider gives has the number of the answer in both.
  const std::string& url = runtime_.connection(looked_at_).request().url;
  const auto slash = url.rfind('/');
  const std::string number = options_.provider ? url.substr(slash + 1) : std::string();
  const bool has_first = options_.provider ? std::strtoul(number.c_str(), nullptr, 10) % 2 == 0
                                           : options_.first_message.has_value();
  expect((text == first_message + number) == (is_first && has_first),
         "the first message comes first");

  const bool is_full = held_bytes() >= options_.high_water_mark;
  Frame& frame = now_.held.emplace_back();
  frame.bytes = text.size();
  const std::size_t whole = text.size();
  if (text.starts_with(first_message) || text == ping) {
  } else if (!text.starts_with('[')) {
    frame.numbers.push_back(number_in(text));
    handed_over(text);
  } else {
    expect(options_.batch.has_value(), "batches were asked for");
    expect(whole <= std::max(options_.batch->max_bytes, text.find(',')),
           "a batch has its bound in bytes");
    text.remove_prefix(1);
    for (std::size_t end; (end = text.find_first_of(",]")) != std::string_view::npos;) {
      expect(text.starts_with('{'), "only JSON is joined");
      frame.numbers.push_back(number_in(text));
      handed_over(text.substr(0, end));
      text.remove_prefix(end + 1);
    }
    expect(frame.numbers.size() <= options_.batch->max_messages, "a batch has its bound");
  }
  const bool is_of_queue =
      !frame.numbers.empty() && messages_[frame.numbers.front()].kind == Message::Kind::queued;
  expect(!is_of_queue || !is_full || is_closing_, "messages wait when the platform has enough");
  if (!now_.holds) now_.held.pop_back();
}

void Mail::handed_over(std::string_view text) {
  const std::size_t number = number_in(text);
  Message& message = messages_.at(number);
  expect(message.fate == Fate::unknown || message.fate == Fate::waits,
         "nothing is sent twice, or after its end");
  if (message.kind == Message::Kind::greeting) {
    expect(!now_.is_ready, "a greeting comes before the queue");
    expect(message.asked_on == looked_at_ + 1, "a greeting is of one connection");
  } else {
    expect(now_.is_ready, "the queue is not given out before the greeting is over");
    expect(!message.overtaken, "order is kept, and what is urgent goes first");
    expect(!message.due || runtime_.now() < *message.due || runtime_.now() == message.sent_at,
           "nothing is sent after its time");
    expect(!message.connection_only || message.asked_on == looked_at_ + 1,
           "what is of a connection is sent on it");
    expect(!message.is_volatile || message.fate == Fate::unknown,
           "what is volatile is sent at once");
    for (const std::size_t other : line_) {
      if (is_ahead(messages_[other], message)) messages_[other].overtaken = true;
    }
  }
  if (message.fate == Fate::waits) leave_line(number);
  message.fate = Fate::sent;
  message.handed_on = looked_at_;
  if (message.expects_reply) now_.asked.push_back(number);
}

bool Mail::is_ahead(const Message& one, const Message& other) const {
  if (one.somewhere || other.somewhere) return false;
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

// --- What is told. ---

bool Mail::drop_told(const steady::Drop& drop) {
  const std::string_view text = drop.payload.data();
  expect(!text.starts_with(first_message) && text != ping, "nobody is told of what is ours");
  const std::size_t number = number_in(text);
  Message& message = messages_.at(number);
  expect(message.fate != Fate::dropped, "a drop is told once");
  expect(message.id == 0 || drop.id == message.id, "a drop has the id of its message");
  const bool waited = message.fate == Fate::waits;
  if (message.kind == Message::Kind::greeting && message.fate == Fate::unknown) {
    expect(drop.reason == DropReason::refused && number < refused_before_,
           "a greeting is only refused");
  } else if (message.fate == Fate::doomed) {
    expect(drop.reason == message.reason, "what is dropped is told with its reason");
  } else {
    expect(message.fate == Fate::waits, "only what was not sent is dropped");
    switch (drop.reason) {
      case DropReason::queue_full:
        expect(options_.queue.overflow == Overflow::drop_oldest,
               "only newer messages push out what waits");
        expect_oldest(number);
        break;
      case DropReason::closed:
        expect(number < closed_before_, "only a socket that closes drops what waits");
        break;
      case DropReason::refused:
        expect(number < refused_before_, "only a platform that refuses refuses");
        break;
      case DropReason::expired:
        expect(message.due && runtime_.now() >= *message.due, "only what is old expires");
        break;
      case DropReason::replaced:
        expect(!message.key.empty() && newest_with_key_[message.key] > number,
               "only what is newer replaces");
        break;
      case DropReason::connection_ended:
        expect(message.connection_only && looked_at_ >= message.asked_on,
               "only the end of its connection ends it");
        break;
      case DropReason::unconfirmed:
        expect(message.was_held, "only what the platform had is unconfirmed");
        expect(!message.must_repeat, "what can be repeated is repeated");
        break;
      default:
        expect(false, "there is a reason for every drop");
    }
    leave_line(number);
  }
  message.fate = Fate::dropped;
  message.reason = drop.reason;
  return waited;
}

/// Nothing older waits that should have gone before it.
void Mail::expect_oldest(std::size_t number) const {
  const Message& message = messages_[number];
  for (const std::size_t other : line_) {
    const Message& older = messages_[other];
    if (other >= number || older.was_sent || older.somewhere || message.somewhere) continue;
    expect(older.is_high || (!message.is_high && older.place > message.place),
           "the oldest are pushed out first");
  }
}

/// Without those that it may push out there would be room.
bool Mail::could_push_out(const Message& message) const {
  std::size_t bytes = message.size;
  std::size_t messages = 0;
  for (const std::size_t number : line_) {
    const Message& other = messages_[number];
    if (message.is_high || !(other.is_high || other.somewhere)) continue;
    bytes += other.size;
    ++messages;
  }
  return messages < options_.queue.max_messages && bytes <= options_.queue.max_bytes;
}

void Mail::outcome_told(const steady::Outcome& outcome) {
  const auto found = ids_.find(outcome.id);
  expect(found != ids_.end(), "an outcome has the id of a message");
  Message& message = messages_[found->second];
  const auto due = std::find(outcomes_due_.begin(), outcomes_due_.end(), found->second);
  expect(due != outcomes_due_.end(), "what is tracked has one outcome");
  outcomes_due_.erase(due);
  if (outcome.reason == DropReason::none) {
    expect(message.fate == Fate::sent && !is_held(found->second),
           "what has left is in nobody's hands");
    expect(!message.expects_reply, "what expects a reply is not done when it has left");
  } else if (outcome.reason == DropReason::unanswered) {
    if (message.fate == Fate::waits) {
      expect(message.expects_reply && message.was_sent && !message.was_held,
             "only what has left is unanswered");
      expect(!message.must_repeat, "what can be repeated is repeated");
      leave_line(found->second);
    } else {
      expect(message.fate == Fate::given_up, "only what has left and has no reply is unanswered");
    }
    message.fate = Fate::dropped;
  } else {
    expect(message.fate == Fate::dropped && message.reason == outcome.reason,
           "an outcome agrees with its drop");
  }
}

void Mail::expect_all_told(std::size_t queued, State state) {
  expect(line_.size() == queued, "every message was sent, dropped, or waits");
  expect(waiting_bytes() <= options_.queue.max_bytes, "the queue has its bound in bytes");
  expect(state != State::closed || queued == 0, "nothing waits for a closed socket");
  for (const Message& message : messages_) {
    expect(message.fate != Fate::doomed && message.fate != Fate::given_up,
           "what is dropped or given up is told");
  }
  for (const std::size_t number : outcomes_due_) {
    const Message& message = messages_[number];
    expect(message.fate == Fate::waits ||
               (message.fate == Fate::sent && message.handed_on == looked_at_),
           "the outcome of what has left or was dropped is told");
  }
  for (const std::size_t number : line_) {
    const Message& message = messages_[number];
    expect(!message.connection_only || message.asked_on == looked_at_ + 1,
           "what is of a connection does not wait longer");
    // What was sent may have grown old since.
    expect(!message.due || message.was_sent || runtime_.now() <= *message.due,
           "what is old does not wait");
    expect(message.key.empty() || waiting_with(message.key) == number,
           "one message with a key waits");
  }
}

void Mail::expect_all_over() const {
  expect(line_.empty(), "what waits is sent in the end");
  expect(std::all_of(outcomes_due_.begin(), outcomes_due_.end(),
                     [this](std::size_t number) { return is_awaited(messages_[number]); }),
         "every outcome is told in the end");
}

}  // namespace model
