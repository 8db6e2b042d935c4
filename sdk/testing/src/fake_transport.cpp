#include "steady/testing/fake_transport.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <utility>

namespace steady::testing {

std::size_t FakeInbound::size() const {
  if (kind_ == MessageKind::binary) return data_.size();
  std::size_t units = 0;
  for (const char c : data_) {
    const auto byte = static_cast<unsigned char>(c);
    // Continuation bytes count as no unit; a four-byte sequence is a surrogate pair.
    if ((byte & 0xC0) != 0x80) units += byte >= 0xF0 ? 2 : 1;
  }
  return units;
}

Error FakeInbound::read(InboundBuffer& buffer, std::size_t bytes) {
  const std::size_t end = std::min(bytes, data_.size());
  if (out_of_memory_ || !buffer.reserve(end)) {
    return {ErrorCode::out_of_memory, "a received message does not fit in memory"};
  }
  if (end > read_) std::memcpy(buffer.data() + read_, data_.data() + read_, end - read_);
  read_ = std::max(read_, end);
  buffer.set_size(read_);
  return {};
}

void FakeConnection::accept(std::string subprotocol) {
  subprotocol_ = std::move(subprotocol);
  listener_->on_open(request_.generation);
}

bool FakeConnection::deliver(MessageKind kind, std::string_view data) {
  FakeInbound message(kind, data, std::exchange(out_of_memory_, false));
  return listener_->on_message(request_.generation, message);
}

bool FakeConnection::deliver_text(std::string_view text) {
  return deliver(MessageKind::text, text);
}

bool FakeConnection::deliver_binary(std::string_view bytes) {
  return deliver(MessageKind::binary, bytes);
}

void FakeConnection::fail(ErrorCode code) {
  listener_->on_error(request_.generation, {code, "connection failed"});
  // A handler may have destroyed the Socket, and this transport with it.
  if (!abandoned_) drop();
}

void FakeConnection::refuse(HandshakeResponse response) {
  Error error{ErrorCode::connection_failed,
              "the server answered " + std::to_string(response.status)};
  error.response = std::make_shared<const HandshakeResponse>(std::move(response));
  listener_->on_error(request_.generation, error);
  if (!abandoned_) drop();
}

void FakeConnection::step(std::string_view text) {
  if (request_.reports_steps) listener_->on_step(request_.generation, text);
}

void FakeConnection::close(std::uint16_t code, std::string reason, bool was_clean) {
  listener_->on_close(request_.generation, {code, std::move(reason), was_clean, false});
}

void FakeConnection::send_unasked(std::string text) {
  buffered_ += text.size();
  sent_within_credit_.push_back(std::move(text));
}

void FakeConnection::drop() { close(steady::close_code::abnormal, {}, false); }

FakeTransport::FakeTransport(std::shared_ptr<FakeConnection> connection)
    : connection_(std::move(connection)) {}

FakeTransport::~FakeTransport() { connection_->abandoned_ = true; }

Error FakeTransport::open(const ConnectRequest& request, TransportListener& listener) {
  connection_->request_ = request;
  connection_->listener_ = &listener;
  return connection_->open_error_;
}

TransportSend FakeTransport::send(const Payload& payload) {
  if (connection_->send_answer_ != TransportSend::taken) return connection_->send_answer_;
  connection_->sent_.push_back({payload.kind(), std::string(payload.data()), payload.handle()});
  if (connection_->hold_buffer_) connection_->buffered_ += payload.size();
  return TransportSend::taken;
}

TransportSend FakeTransport::send_batch(std::span<const Payload* const> payloads) {
  if (connection_->send_answer_ != TransportSend::taken) return connection_->send_answer_;
  FakeConnection::Sent sent;
  for (const Payload* const payload : payloads) {
    sent.batch.push_back(payload->handle());
    if (connection_->hold_buffer_) connection_->buffered_ += payload->size();
  }
  // Brackets and commas.
  if (connection_->hold_buffer_ && payloads.size() > 1)
    connection_->buffered_ += payloads.size() + 1;
  connection_->sent_.push_back(std::move(sent));
  return TransportSend::taken;
}

bool FakeTransport::takes_grants() const { return connection_->takes_grants_; }

void FakeTransport::grant(const Grant& grant) { connection_->granted_ = grant; }

void FakeTransport::take_sent(std::vector<Payload>& sent) {
  for (const std::string& text : connection_->sent_within_credit_)
    sent.push_back(Payload::text(text));
  connection_->sent_within_credit_.clear();
}

bool FakeTransport::take_heard() { return std::exchange(connection_->heard_, false); }

void FakeTransport::close(std::uint16_t code, std::string_view reason) {
  connection_->close_requested_ = true;
  connection_->close_code_ = code;
  connection_->close_reason_ = reason;
}

std::size_t FakeTransport::buffered_amount() const { return connection_->buffered_; }

std::string FakeTransport::subprotocol() const { return connection_->subprotocol_; }

}  // namespace steady::testing
