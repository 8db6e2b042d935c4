#include "logged_transport.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace steady::detail {

namespace {

/// A message that was read completely.
class ReadInbound final : public Inbound {
 public:
  ReadInbound(MessageKind kind, std::string_view data) : kind_(kind), data_(data) {}

  MessageKind kind() const override { return kind_; }
  std::size_t size() const override { return data_.size(); }
  Error read(InboundBuffer& buffer, std::size_t bytes) override {
    const std::size_t there = buffer.size();
    if (bytes <= there) return {};
    const std::string_view rest = data_.substr(read_, bytes - there);
    if (!buffer.reserve(there + rest.size())) {
      return {ErrorCode::out_of_memory, "a received message does not fit in memory"};
    }
    if (!rest.empty()) std::memcpy(buffer.data() + there, rest.data(), rest.size());
    buffer.set_size(there + rest.size());
    read_ += rest.size();
    return {};
  }

 private:
  const MessageKind kind_;
  const std::string_view data_;
  std::size_t read_ = 0;
};

}  // namespace

Error LoggedTransport::open(const ConnectRequest& request, TransportListener& listener) {
  log_.connecting(request.url);
  listener_ = &listener;
  ConnectRequest logged = request;
  logged.reports_steps = true;
  return transport_->open(logged, *this);
}

TransportSend LoggedTransport::send(const Payload& payload) {
  const TransportSend result = transport_->send(payload);
  if (result == TransportSend::taken) log_.sent(payload.kind(), payload.data(), payload.size());
  return result;
}

TransportSend LoggedTransport::send_batch(std::span<const Payload* const> payloads) {
  const TransportSend result = transport_->send_batch(payloads);
  if (result == TransportSend::taken) {
    for (const Payload* payload : payloads) log_.sent(payload->kind(), {}, payload->size());
  }
  return result;
}

void LoggedTransport::grant(const Grant& grant) {
  Grant reading = grant;
  // Every message must pass through this object.
  reading.receive = false;
  transport_->grant(reading);
}

bool LoggedTransport::on_message(Generation generation, Inbound& message) {
  if (message.size() > max_message_bytes_) {
    log_.received(message.kind(), {}, message.size());
    return listener_->on_message(generation, message);
  }
  InboundBuffer buffer;
  // A handler may destroy this object.
  buffer.swap(buffer_);
  buffer.set_size(0);
  if (message.read(buffer, Inbound::all)) {
    log_.received(message.kind(), {}, message.size());
    return listener_->on_message(generation, message);
  }
  log_.received(message.kind(), buffer.view(), buffer.size());
  ReadInbound read(message.kind(), buffer.view());
  return listener_->on_message(generation, read);
}

void LoggedTransport::on_step(Generation generation, std::string_view text) {
  static_cast<void>(generation);
  log_.step(text);
}

}  // namespace steady::detail
