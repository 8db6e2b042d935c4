#include "outgoing.hpp"

#include <iterator>
#include <utility>

#include "../kernel/commands.hpp"
#include "../kernel/ledger.hpp"

namespace steady::detail {

double Outgoing::set_first_message(std::optional<std::string>&& message) {
  first_message_ = std::move(message);
  return first_message_ ? static_cast<double>(first_message_->size()) : -1;
}

bool Outgoing::covers(double size) const {
  return size < credit_ && sent_.size() < kernel::max_unconfirmed;
}

bool Outgoing::send_on_credit(Transport* transport, Payload& payload, bool kept) {
  if (credit_ <= 0) return false;
  if (transport->send(payload) != TransportSend::taken) return false;
  credit_ -= static_cast<double>(payload.size());
  if (kept) {
    payload.keep();
  } else {
    payload.forget();
  }
  sent_.push_back(std::move(payload));
  return true;
}

void Outgoing::take_sent(double buffered, std::vector<Payload>& sent) {
  if (buffered > 0) {
    sent.insert(sent.end(), std::move_iterator(sent_.begin()), std::move_iterator(sent_.end()));
  }
  sent_.clear();
}

void Outgoing::end_connection() {
  credit_ = 0;
  sent_.clear();
}

bool Outgoing::add(std::uint32_t handle, std::uint32_t bits) {
  frame_.push_back(handle);
  is_batch_ = (bits & kernel::in_batch) != 0;
  return (bits & kernel::frame_continues) == 0;
}

TransportSend Outgoing::send(Transport* transport) {
  if (transport == nullptr) return TransportSend::not_open;
  if (frame_.front() == kernel::first_message_handle) {
    return transport->send(Payload::borrowed(MessageKind::text, *first_message_));
  }
  if (frame_.front() == kernel::ping_handle) {
    return transport->send(Payload::borrowed(MessageKind::text, options_.heartbeat->message));
  }
  const Payload& first = payloads_.at(frame_.front());
  if (!is_batch_) return transport->send(first);
  std::vector<const Payload*> payloads;
  payloads.reserve(frame_.size());
  for (const std::uint32_t one : frame_) payloads.push_back(&payloads_.at(one));
  return first.is_external() ? transport->send_batch(payloads)
                             : transport->send(first.join()(payloads));
}

}  // namespace steady::detail
