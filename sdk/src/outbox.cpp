#include "outbox.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "batch_reader.hpp"
#include "utf8.hpp"

namespace steady::detail {

using std::chrono::milliseconds;

namespace {

/// The platform's amount is read again after so many bytes: what it may still have is remembered.
constexpr std::size_t reading_step = std::size_t{64} << 10;
/// Or after so many messages, if they are small.
constexpr std::size_t most_messages = 1'000;

/// What is elsewhere is text already. A server would end the connection (RFC 6455 8.1).
bool is_sendable(const Payload& payload) {
  return payload.is_external() || payload.kind() == MessageKind::binary || is_utf8(payload.data());
}

std::unique_ptr<Wishes> wishes_of(const SendOptions& wanted, milliseconds now) {
  const bool is_high = wanted.priority == Priority::high;
  if (!wanted.ttl && wanted.key.empty() && !is_high && !wanted.is_volatile &&
      !wanted.session_only && !wanted.track && !wanted.reply) {
    return nullptr;
  }
  auto wishes = std::make_unique<Wishes>();
  wishes->key = wanted.key;
  if (wanted.ttl) wishes->expires_at = now + *wanted.ttl;
  wishes->is_high = is_high;
  wishes->is_volatile = wanted.is_volatile;
  wishes->session_only = wanted.session_only;
  wishes->is_tracked = wanted.track || wanted.reply;
  wishes->expects_reply = wanted.reply.has_value();
  wishes->is_repeated = wanted.reply == Unanswered::repeat;
  return wishes;
}

}  // namespace

// --- Connections. ---

void Outbox::begin(Transport& transport, bool batching) {
  transport_ = &transport;
  takes_ = held_ = true;
  batching_ = batching;
  choked_ = credit_is_out_ = holds_some_ = false;
  unread_amount_ = older_bytes_ = flow_amount_ = flow_bytes_ = 0;
  next_reading_ = std::min(options_.high_water_mark, reading_step);
}

void Outbox::release() {
  held_ = false;
  flush(Until::high_water);
}

void Outbox::end(bool may_repeat) {
  if (transport_ == nullptr) return;
  std::list<Outgoing> unsent;
  // Newest first: what the platform still has is what it was given last, and whole frames of it.
  bool was_joined = false;
  for (std::size_t left = transport_->buffered_amount(); left > 0 || was_joined;) {
    std::optional<Payload> payload;
    if (!was_joined) payload = transport_->take_unasked();
    if (payload) {
      unsent.push_front({0, std::move(*payload), nullptr});
    } else if (!handed_.empty()) {
      unsent.splice(unsent.begin(), handed_, std::prev(handed_.end()));
    } else {
      break;
    }
    // With the comma before it, or the brackets.
    const bool is_joined = std::exchange(unsent.front().is_joined, false);
    const std::size_t size = unsent.front().payload.size() + (is_joined ? 1 : was_joined ? 2 : 0);
    left -= std::min(left, size);
    was_joined = is_joined;
  }
  older_messages_ = handed_.size();
  forget_confirmed(0);
  std::list<Outgoing> unanswered = std::exchange(unanswered_, {});
  forget();

  for (auto at = queue_.begin(); at != queue_.end();) {
    const auto next = std::next(at);
    if (at->wants(&Wishes::session_only)) drop(DropReason::session_ended, queue_.take(at));
    at = next;
  }
  // What was sent before comes before what waits: the newest is put in front first.
  if (may_repeat) {
    repeat(unsent);
    repeat(unanswered);
  }
  for (const Outgoing& message : unanswered) {
    owner_.on_outcome(message.id, DropReason::unanswered);
  }
  for (Outgoing& message : unsent) {
    if (!message.wants(&Wishes::is_ours)) drop(DropReason::unconfirmed, std::move(message));
  }
}

/// Those that may be repeated wait again; the others are left.
void Outbox::repeat(std::list<Outgoing>& messages) {
  for (auto at = messages.end(); at != messages.begin();) {
    --at;
    if (!repeats(*at)) continue;
    wait_again(std::move(*at));
    at = messages.erase(at);
  }
}

bool Outbox::repeats(const Outgoing& message) const {
  const bool is_wanted = message.wants(&Wishes::expects_reply)
                             ? message.wants(&Wishes::is_repeated)
                             : options_.queue.unconfirmed == Unconfirmed::requeue;
  return is_wanted && !message.wants(&Wishes::session_only) &&
         !message.wants(&Wishes::is_volatile) && queue_.fits(message.payload.size());
}

void Outbox::wait_again(Outgoing&& message) {
  if (message.id == 0) message.id = next_id_++;
  if (message.wishes) {
    const std::string& key = message.wishes->key;
    if (!key.empty() && queue_.find(key) != queue_.end()) {
      drop(DropReason::replaced, std::move(message));
      return;
    }
    watch_expiry(message);
  }
  queue_.push_front(std::move(message));
}

void Outbox::watch_expiry(const Outgoing& message) {
  if (!message.wishes || !message.wishes->expires_at) return;
  const milliseconds due = *message.wishes->expires_at;
  next_expiry_ = std::min(next_expiry_.value_or(due), due);
}

void Outbox::forget() {
  transport_ = nullptr;
  takes_ = held_ = batching_ = frame_is_open_ = false;
  handed_.clear();
  unanswered_.clear();
  older_messages_ = newer_bytes_ = tracked_ = 0;
}

// --- Messages. ---

SendResult Outbox::send(Payload&& payload, const SendOptions& wanted) {
  if (!is_sendable(payload)) {
    return refuse(DropReason::refused, {0, std::move(payload), nullptr}, SendStatus::rejected);
  }
  const std::size_t size = payload.size();
  Outgoing message{0, std::move(payload),
                   wishes_of(wanted, wanted.ttl ? runtime_.now() : milliseconds{})};
  if (wanted.session_only && transport_ == nullptr) {
    return refuse(DropReason::session_ended, std::move(message), SendStatus::dropped);
  }
  // What is being joined makes room.
  if (batching_ && !queue_.fits(size)) flush(Until::high_water);
  // What may not wait does not wait for what is being joined.
  if (wanted.is_volatile && frame_is_open_) flush(Until::high_water);
  const bool joins = may_batch(message.payload) && queue_.fits(size) && !wanted.is_volatile;
  if (!joins && can_send_now()) {
    switch (hand_over_alone(message.payload)) {
      case TransportSend::taken: {
        if (message.wants(&Wishes::is_tracked)) message.id = next_id_++;
        const std::uint32_t id = message.id;
        record(std::move(message));
        return {SendStatus::sent, DropReason::none, id};
      }
      case TransportSend::refused:
        return refuse(DropReason::refused, std::move(message), SendStatus::rejected);
      case TransportSend::not_open:
        break;
    }
  }
  if (wanted.is_volatile) {
    return refuse(DropReason::not_now, std::move(message), SendStatus::dropped);
  }
  return enqueue(std::move(message));
}

TransportSend Outbox::send_now(Payload&& payload) {
  if (!is_sendable(payload)) return TransportSend::refused;
  if (!can_send_now() || may_batch(payload)) return TransportSend::not_open;
  const TransportSend result = hand_over(payload);
  if (result == TransportSend::taken) record({0, std::move(payload), nullptr});
  return result;
}

TransportSend Outbox::send_first(Payload&& payload, bool is_ours) {
  if (!takes_) return TransportSend::not_open;
  const TransportSend result = is_sendable(payload) ? hand_over(payload) : TransportSend::refused;
  if (result == TransportSend::taken) {
    auto wishes = std::make_unique<Wishes>();
    wishes->is_ours = is_ours;
    wishes->session_only = true;
    record({0, std::move(payload), std::move(wishes)});
  } else if (!is_ours && result == TransportSend::refused) {
    drop(DropReason::refused, {0, std::move(payload), nullptr});
  }
  return result;
}

SendResult Outbox::enqueue(Outgoing&& message) {
  const std::size_t size = message.payload.size();
  const Overflow overflow = options_.queue.overflow;
  const std::uint32_t id = message.id = next_id_++;
  watch_expiry(message);
  const bool is_high = message.wants(&Wishes::is_high);
  const bool can_push_out = overflow == Overflow::drop_oldest && queue_.could_fit(size, is_high);
  if (message.wishes && !message.wishes->key.empty()) {
    const auto place = queue_.find(message.wishes->key);
    if (place != queue_.end() && queue_.fits_at(place, size)) {
      drop(DropReason::replaced, queue_.replace(place, std::move(message)));
      return {SendStatus::queued, DropReason::none, id};
    }
    // It is too large for the place, and goes to the end: an older one must not wait as well.
    if (place != queue_.end() && can_push_out) drop(DropReason::replaced, queue_.take(place));
  }
  while (can_push_out && !queue_.fits(size)) {
    drop(DropReason::queue_full, queue_.take(queue_.oldest(is_high)));
  }
  if (!queue_.fits(size)) {
    message.id = 0;
    return refuse(DropReason::queue_full, std::move(message),
                  overflow == Overflow::drop_newest ? SendStatus::dropped : SendStatus::rejected);
  }
  queue_.push(std::move(message));
  if (batching_ && !choked_) fill_frame();
  return {SendStatus::queued, DropReason::none, id};
}

SendResult Outbox::refuse(DropReason reason, Outgoing&& message, SendStatus status) {
  // The answer tells it: nobody has a number to track it by.
  message.wishes.reset();
  drop(reason, std::move(message));
  return {status, reason, 0};
}

bool Outbox::cancel(std::uint32_t id) {
  const auto at = queue_.find(id);
  if (at == queue_.end()) return false;
  drop(DropReason::cancelled, queue_.take(at));
  return true;
}

bool Outbox::answered(std::uint32_t id) {
  for (std::list<Outgoing>* const list : {&unanswered_, &handed_}) {
    // Replies are mostly to the newest.
    const auto after = std::find_if(list->rbegin(), list->rend(), [id](const Outgoing& message) {
                         return message.id == id && message.wants(&Wishes::expects_reply);
                       }).base();
    if (after == list->begin()) continue;
    const auto at = std::prev(after);
    if (list == &unanswered_) {
      list->erase(at);
    } else {
      // The platform may still have it, as far as is known: it counts, but nobody is told.
      *at->wishes = {.session_only = true, .is_ours = true};
    }
    return true;
  }
  return false;
}

void Outbox::flush(Until until) {
  frame_is_open_ = false;
  expire();
  while (!queue_.empty() && takes_ && !held_ && (until == Until::empty || below_high_water())) {
    const Frame frame = next_frame();
    const TransportSend result = hand_over_frame(frame);
    if (result == TransportSend::not_open) return;
    for (std::size_t left = frame.messages; left > 0; --left) {
      Outgoing message = queue_.pop();
      if (result == TransportSend::refused) {
        drop(DropReason::refused, std::move(message));
      } else {
        message.is_joined = left < frame.messages;
        record(std::move(message));
      }
    }
  }
}

void Outbox::look() {
  if (transport_ == nullptr) return;
  read_amount();
  flush(Until::high_water);
}

Flow Outbox::flow() {
  const std::size_t amount = read_amount();
  const std::size_t bytes = older_bytes_ + newer_bytes_ + transport_->unasked_bytes();
  // Bytes are counted, since what is handed over meanwhile hides what has left.
  const std::size_t added = bytes - std::exchange(flow_bytes_, bytes);
  const bool has_moved = amount < std::exchange(flow_amount_, amount) + added;
  return amount == 0 ? Flow::empty : has_moved ? Flow::moving : Flow::stuck;
}

void Outbox::expire() {
  if (!next_expiry_) return;
  const milliseconds now = runtime_.now();
  if (now < *next_expiry_) return;
  next_expiry_.reset();
  for (auto at = queue_.begin(); at != queue_.end();) {
    const auto next = std::next(at);
    if (at->wishes && at->wishes->expires_at.value_or(milliseconds::max()) <= now) {
      drop(DropReason::expired, queue_.take(at));
    } else {
      watch_expiry(*at);
    }
    at = next;
  }
}

void Outbox::drop_all(DropReason reason) {
  while (!queue_.empty()) drop(reason, queue_.pop());
  next_expiry_.reset();
}

// --- The platform's buffer. ---

bool Outbox::waits_for_platform() const {
  const bool holds_much = unread_amount_ >= next_reading_ && !credit_is_out_;
  return tracked_ > 0 || holds_some_ || holds_much ||
         (takes_ && !held_ && !queue_.empty() && !frame_is_open_);
}

bool Outbox::is_idle() { return queue_.empty() && (transport_ == nullptr || read_amount() == 0); }

/// The amount only ever falls by itself: reading it can wait until what was added since the last
/// reading could have reached the mark.
bool Outbox::below_high_water() {
  if (choked_ || unread_amount_ >= next_reading_) read_amount();
  return !choked_;
}

std::size_t Outbox::read_amount() {
  const std::size_t high = options_.high_water_mark;
  const std::size_t amount = transport_->buffered_amount();
  choked_ = choked_ ? amount > options_.low_water_mark.value_or(high / 2) : amount >= high;
  unread_amount_ = amount;
  holds_some_ = amount > 0;
  next_reading_ = std::min(high, amount + reading_step);
  // What is left of it is not in the amount: it is granted anew.
  credit_is_out_ = false;
  confirm(amount);
  return amount;
}

/// What was handed over before `amount` bytes that came later is on the wire. It is found for all
/// that came before a mark at once; there is always one mark, so that nothing is counted twice.
void Outbox::confirm(std::size_t amount) {
  const std::size_t newer = newer_bytes_ + transport_->unasked_bytes();
  if (newer >= amount) forget_confirmed(newer);
  if (amount == 0) forget_confirmed(0);
}

/// `newer`: the bytes behind the mark, which moves behind them.
void Outbox::forget_confirmed(std::size_t newer) {
  for (; older_messages_ > 0; --older_messages_) {
    const Outgoing& message = handed_.front();
    if (message.wants(&Wishes::expects_reply)) {
      unanswered_.splice(unanswered_.end(), handed_, handed_.begin());
      continue;
    }
    if (message.wants(&Wishes::is_tracked)) {
      --tracked_;
      owner_.on_outcome(message.id, DropReason::none);
    }
    handed_.pop_front();
  }
  older_messages_ = handed_.size();
  older_bytes_ += newer;
  newer_bytes_ = 0;
  transport_->forget_unasked();
}

void Outbox::record(Outgoing&& message) {
  const Payload& payload = message.payload;
  // The transport remembers it: see Transport::take_unasked.
  if (payload.is_external() && payload.handle() == 0) return;
  newer_bytes_ += payload.size();
  if (message.wants(&Wishes::is_tracked) && !message.wants(&Wishes::expects_reply)) ++tracked_;
  handed_.push_back(std::move(message));
  if (handed_.size() - older_messages_ > most_messages) next_reading_ = 0;
}

TransportSend Outbox::hand_over(const Payload& payload) {
  return account(transport_->send(payload), payload.size());
}

TransportSend Outbox::account(TransportSend result, std::size_t size) {
  if (result == TransportSend::taken) unread_amount_ += size;
  credit_is_out_ = false;
  if (result == TransportSend::not_open) takes_ = false;
  return result;
}

Outbox::Credit Outbox::grant_credit(bool anew) {
  if (!takes_ || held_ || !queue_.empty() || batching_) {
    credit_is_out_ = false;
    return {};
  }
  if (credit_is_out_ && !anew) return {0, false};
  credit_is_out_ = below_high_water();
  if (!credit_is_out_) return {};
  const std::size_t credit = next_reading_ - unread_amount_;
  // How much of it is used is known when the platform's amount is read again.
  unread_amount_ = next_reading_;
  return {credit, true};
}

// --- Batches: see BatchOptions. ---

/// A message was added: a frame that is full goes at once, another one when this task is over.
void Outbox::fill_frame() {
  if (queue_.size() >= options_.batch->max_messages ||
      queue_.bytes() >= options_.batch->max_bytes) {
    flush(Until::high_water);
  } else {
    frame_is_open_ = true;
  }
}

/// Of the queue.
Outbox::Frame Outbox::next_frame() const {
  Frame frame;
  const bool is_external = queue_.front().is_external();
  for (const Outgoing& message : queue_.entries()) {
    const Payload& payload = message.payload;
    const bool joins = may_batch(payload) && payload.is_external() == is_external &&
                       frame.messages < options_.batch->max_messages &&
                       frame.size + payload.size() + 2 <= options_.batch->max_bytes;
    if (frame.messages > 0 && !joins) break;
    ++frame.messages;
    frame.size += payload.size() + 1;
    if (!may_batch(payload)) break;
  }
  return frame;
}

TransportSend Outbox::hand_over_frame(const Frame& frame) {
  const Payload& first = queue_.front();
  if (!may_batch(first)) return hand_over(first);
  std::vector<const Payload*> payloads(frame.messages);
  auto message = queue_.entries().begin();
  for (const Payload*& payload : payloads) payload = &(message++)->payload;
  return hand_over_joined(payloads, frame.size);
}

TransportSend Outbox::hand_over_alone(const Payload& payload) {
  if (!may_batch(payload)) return hand_over(payload);
  const Payload* const alone = &payload;
  return hand_over_joined({&alone, 1}, payload.size());
}

TransportSend Outbox::hand_over_joined(std::span<const Payload* const> payloads, std::size_t size) {
  const Payload& first = *payloads.front();
  if (first.is_external()) return account(transport_->send_batch(payloads), size);
  return hand_over(first.join()(payloads));
}

Payload join_texts(std::span<const Payload* const> texts) {
  if (texts.size() == 1 && !BatchReader::is_batch(texts.front()->data())) {
    return Payload::text(texts.front()->data());
  }
  std::size_t size = 2;
  for (const Payload* const text : texts) size += text->size() + 1;
  std::string all;
  all.reserve(size);
  for (const Payload* const text : texts) {
    all += all.empty() ? "[" : ",";
    all += text->data();
  }
  all += "]";
  return Payload::json(std::move(all));
}

}  // namespace steady::detail
