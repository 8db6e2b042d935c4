#include "outgoing.hpp"

#include <iterator>
#include <string_view>
#include <utility>

#include "../kernel/commands.hpp"
#include "../kernel/ledger.hpp"

namespace steady::detail {

double Outgoing::set_first_message(std::optional<std::string>&& message) {
  first_message_ = std::move(message);
  return first_message_ ? static_cast<double>(first_message_->size()) : -1;
}

double Outgoing::cost(double size) const {
  return session_.is_agreed() ? size + kernel::message_overhead : size;
}

bool Outgoing::covers(double size) const {
  return cost(size) < credit_ && sent_.size() < kernel::max_unconfirmed;
}

bool Outgoing::send_on_credit(Transport* transport, Payload& payload, bool kept) {
  if (credit_ <= 0) return false;
  if (send(transport, payload) != TransportSend::taken) return false;
  credit_ -= cost(static_cast<double>(payload.size()));
  if (session_.is_agreed()) session_.set_next(session_.next() + 1);
  if (kept) {
    payload.keep();
  } else {
    payload.forget();
  }
  sent_.push_back(std::move(payload));
  return true;
}

void Outgoing::take_sent(double buffered, std::vector<Payload>& sent) {
  if (buffered > 0 || session_.is_agreed()) {
    sent.insert(sent.end(), std::move_iterator(sent_.begin()), std::move_iterator(sent_.end()));
  }
  sent_.clear();
}

void Outgoing::end_connection() {
  credit_ = 0;
  sent_.clear();
}

bool Outgoing::add(std::uint32_t handle, std::uint32_t bits, double number) {
  frame_.push_back(handle);
  is_batch_ = (bits & kernel::in_batch) != 0;
  number_ = number;
  return (bits & kernel::frame_continues) == 0;
}

TransportSend Outgoing::send(Transport* transport) {
  if (transport == nullptr) return TransportSend::not_open;
  if (number_ > 0 && number_ != session_.next())
    send_control(*transport, session_.control('@', number_));
  const TransportSend result = send_frame(transport);
  if (result == TransportSend::taken && number_ > 0) session_.set_next(number_ + 1);
  return result;
}

TransportSend Outgoing::send_frame(Transport* transport) {
  if (frame_.front() == kernel::first_message_handle) {
    return send(transport, Payload::borrowed(MessageKind::text, *first_message_));
  }
  if (frame_.front() == kernel::ping_handle) {
    return transport->send(Payload::borrowed(MessageKind::text, options_.heartbeat->message));
  }
  const Payload& first = payloads_.at(frame_.front());
  if (!is_batch_) return send(transport, first);
  std::vector<const Payload*> payloads;
  payloads.reserve(frame_.size());
  for (const std::uint32_t one : frame_) payloads.push_back(&payloads_.at(one));
  return first.is_external() ? transport->send_batch(payloads)
                             : transport->send(first.join()(payloads));
}

/// Marks a message that begins like a control frame as a message. The transport does it for
/// external payloads.
TransportSend Outgoing::send(Transport* transport, const Payload& payload) const {
  const std::string_view data = payload.data();
  if (!session_.is_agreed() || payload.kind() != MessageKind::text ||
      !data.starts_with(session_mark)) {
    return transport->send(payload);
  }
  const std::string marked = session_mark + std::string(data);
  return transport->send(Payload::borrowed(MessageKind::text, marked));
}

}  // namespace steady::detail
