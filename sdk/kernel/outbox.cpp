#include "outbox.hpp"

#include <utility>

#include "arithmetic.hpp"
#include "batch.hpp"
#include "steady/queue_options.hpp"

namespace steady::kernel {

Outbox::~Outbox() {
  while (Message* message = queue_.first()) delete queue_.take(message);
  delete pending_;
}

// --- Connections. ---

void Outbox::begin(bool batching) { wire_.emplace(context_, batching); }

void Outbox::release() {
  wire_->is_held = false;
  flush(Until::high_water);
}

void Outbox::watch_expiry(const Message& message) {
  next_expiry_ = smaller(next_expiry_, message.expires_at);
}

// --- Messages. ---

double Outbox::send(std::uint32_t handle, double size, std::uint32_t flags, double ttl,
                    std::uint32_t key) {
  if ((flags & expects_reply) != 0) flags |= track;
  Message* const message = make_message(handle, size, flags);
  message->key = key;
  if (ttl >= 0) message->expires_at = context_.now() + ttl;
  if (message->has(connection_only) && !wire_) {
    return refuse(DropReason::connection_ended, message, true);
  }
  // An open frame makes room, and a volatile message does not wait for it.
  const bool has_no_room = is_batching() && !queue_.fits(size);
  if (has_no_room || (message->has(is_volatile) && has_open_frame())) {
    const double before = context_.commanded;
    flush(Until::high_water);
    if (context_.commanded > before) {
      pending_ = message;
      is_unfinished_ = true;
      return 0;
    }
  }
  return place(message);
}

double Outbox::go_on() {
  if (is_flowing()) flush(Until::high_water);
  if (pending_ == nullptr) return 0;
  if (context_.commanded > 0) {
    is_unfinished_ = true;
    return 0;
  }
  return place(std::exchange(pending_, nullptr));
}

/// Sends or queues the message.
double Outbox::place(Message* message) {
  newest_ = message->handle;
  const bool joins =
      may_batch(message->flags) && queue_.fits(message->size) && !message->has(is_volatile);
  if (!joins && is_clear(message->size) && is_below_high_water()) {
    if (message->has(track)) message->id = ++last_id_;
    wire_->pressure.add(message->size);
    const std::uint32_t id = message->id;
    transmit(message, may_batch(message->flags) ? in_batch : 0U);
    return id != 0 ? id + sent_with_id : 0;
  }
  if (message->has(is_volatile)) return refuse(DropReason::not_now, message, true);
  return enqueue(message);
}

double Outbox::enqueue(Message* message) {
  const double size = message->size;
  if (message->id == 0) message->id = ++last_id_;
  const std::uint32_t id = message->id;
  watch_expiry(*message);
  const bool is_high = message->has(high_priority);
  const auto overflow = static_cast<Overflow>(context_.settings.queue_overflow);
  const bool may_push_out = overflow == Overflow::drop_oldest && queue_.could_fit(size, is_high);
  if (Message* const old = queue_.find_key(message->key)) {
    if (queue_.fits_in_place(*old, size)) {
      queue_.replace(old, message);
      context_.replace(old);
      return id;
    }
    // Too large for the place of the old one, it goes to the end; both must not wait.
    if (may_push_out) context_.replace(queue_.take(old));
  }
  while (may_push_out && !queue_.fits(size)) {
    context_.drop(DropReason::queue_full, queue_.take(queue_.oldest(is_high)));
  }
  if (!queue_.fits(size)) {
    return refuse(DropReason::queue_full, message, overflow == Overflow::drop_newest);
  }
  queue_.push(message);
  if (is_batching() && !wire_->pressure.is_choked()) fill_frame();
  return id;
}

/// A message was added: a frame that is full goes at once, another one when this task is over.
void Outbox::fill_frame() {
  const Settings& settings = context_.settings;
  wire_->has_open_frame = true;
  if (static_cast<double>(queue_.size()) >= settings.batch_max_messages ||
      queue_.bytes() >= settings.batch_max_bytes) {
    flush(Until::high_water);
  }
}

/// The return value reports this, and no id was issued: no outcome follows.
double Outbox::refuse(DropReason reason, Message* message, bool is_dropped) {
  message->remove(track);
  message->id = 0;
  context_.drop(reason, message);
  return -static_cast<double>(reason) - (is_dropped ? was_dropped : 0);
}

bool Outbox::send_first(std::uint32_t handle, double size, std::uint32_t flags) {
  if (!wire_ || !wire_->is_taking) return false;
  newest_ = handle;
  wire_->pressure.add(size);
  transmit(make_message(handle, size, flags | connection_only | greeting), 0);
  return true;
}

void Outbox::sent(std::uint32_t handle, double size, std::uint32_t flags, double number) {
  if (!wire_) {
    context_.commands.add(CommandKind::release, handle);
    return;
  }
  Message* const message = make_message(handle, size, flags);
  message->number = number;
  session_.pass(number + 1, 0);
  record(message);
}

double Outbox::not_transmitted(std::uint32_t handle, bool is_rejected) {
  // Messages commanded after one that the platform did not take were taken back with it.
  if (!wire_ || !wire_->is_taking) return 0;
  return is_rejected ? reject(handle) : take_back(handle);
}

double Outbox::reject(std::uint32_t handle) {
  Message* message = session_.take_rejected(handle);
  if (message == nullptr) message = wire_->ledger.take_rejected(handle);
  if (message == nullptr) return 0;
  if (message->has(own)) {
    context_.discard(message);
    if (handle == first_message_handle) {
      context_.report_error(ErrorCode::invalid_option, TextId::first_message_refused);
    }
    return 0;
  }
  if (handle == newest_) return refuse(DropReason::refused, message, false);
  context_.drop(DropReason::refused, message);
  return 0;
}

/// The connection accepts no more messages: the commanded ones are queued again.
double Outbox::take_back(std::uint32_t handle) {
  wire_->is_taking = false;
  Message* newest = nullptr;
  MessageList back = wire_->ledger.take_back(handle);
  while (Message* message = back.last()) {
    back.take(message);
    if (message->handle == newest_) {
      newest = message;
    } else if (message->has(greeting)) {
      context_.discard(message);
    } else {
      queue_.push_front(message);
    }
  }
  if (newest == nullptr) return 0;
  if (newest->has(greeting)) {
    context_.discard(newest);
    return -static_cast<double>(DropReason::not_now);
  }
  return newest->has(is_volatile) ? refuse(DropReason::not_now, newest, true) : enqueue(newest);
}

bool Outbox::cancel(std::uint32_t id) {
  Message* const message = queue_.find(id);
  if (message == nullptr) return false;
  context_.drop(DropReason::cancelled, queue_.take(message));
  return true;
}

void Outbox::flush(Until until) {
  if (wire_) wire_->has_open_frame = false;
  expire();
  while (has_next() && (until == Until::empty || is_below_high_water())) {
    if (session_.unsent() != nullptr) {
      resend_frame();
    } else {
      transmit_frame();
    }
  }
}

void Outbox::transmit_frame() {
  const bool is_batch = may_batch(queue_.first()->flags);
  const double room = wire_->is_numbered ? session_.room_for_bytes() : never;
  const Frame frame = is_batch ? next_frame(queue_.first(), context_.settings, room)
                               : Frame{1, queue_.first()->size};
  wire_->pressure.add(frame.bytes);
  for (std::size_t left = frame.messages; left > 0; --left) {
    Message* const message = queue_.take(queue_.first());
    if (left < frame.messages) message->flags |= joined;
    transmit(message, (left > 1 ? frame_continues : 0U) | (is_batch ? in_batch : 0U));
  }
}

void Outbox::transmit(Message* message, std::uint32_t bits) {
  // An empty message counts as well, and a batch has something between its messages.
  context_.commanded += message->size + 1;
  if (wire_->is_numbered && !message->has(greeting) && message->number == 0) {
    message->number = message->has(joined) ? session_.next() - 1 : session_.take_number();
  }
  context_.commands.add(CommandKind::transmit, message->handle, bits).c = message->number;
  record(message);
}

void Outbox::record(Message* message) {
  if (message->number > 0) {
    wire_->ledger.count(message->size);
    session_.keep(message);
    is_unasked_ = true;
    return;
  }
  wire_->ledger.record(message);
  if (wire_->ledger.is_long()) wire_->pressure.read_soon();
}

void Outbox::look() {
  if (!wire_) return;
  read_amount();
  flush(Until::high_water);
}

Flow Outbox::flow() { return wire_->ledger.flow(read_amount()); }

void Outbox::expire() {
  const double now = context_.now();
  if (now < next_expiry_) return;
  next_expiry_ = never;
  for (Message *message = queue_.first(), *next = nullptr; message != nullptr; message = next) {
    next = message->next;
    if (message->expires_at <= now) {
      context_.drop(DropReason::expired, queue_.take(message));
    } else {
      watch_expiry(*message);
    }
  }
}

void Outbox::drop_all(DropReason reason) {
  while (Message* message = queue_.first()) context_.drop(reason, queue_.take(message));
  next_expiry_ = never;
}

// --- The platform's buffer. ---

bool Outbox::is_below_high_water() {
  if (wire_->pressure.needs_reading()) {
    if (!context_.knows_amount()) {
      is_unfinished_ = true;
      return false;
    }
    read_amount();
  }
  return !wire_->pressure.is_choked();
}

double Outbox::read_amount() {
  const double amount = context_.buffered();
  wire_->pressure.read(amount);
  wire_->ledger.confirm(amount);
  return amount;
}

bool Outbox::is_waiting_for_platform() const {
  return wire_ && (wire_->ledger.has_tracked() || wire_->pressure.is_waiting() ||
                   (has_next() && !wire_->has_open_frame));
}

bool Outbox::is_idle() {
  return queue_.empty() && session_.unsent() == nullptr &&
         (!wire_ || (context_.knows_amount() && read_amount() == 0));
}

Outbox::Credit Outbox::credit(bool anew) {
  if (!is_clear(0) || wire_->is_batching) {
    end_credit();
    return {};
  }
  if (wire_->pressure.has_credit() && !anew) return {};
  end_credit();
  if (!is_below_high_water()) return {};
  const double room = wire_->is_numbered ? session_.room() : never;
  if (room <= 0) return {};
  return {smaller(wire_->pressure.take_credit(), room), true};
}

}  // namespace steady::kernel
