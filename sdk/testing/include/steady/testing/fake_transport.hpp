#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "steady/transport.hpp"

namespace steady::testing {

/// A received message that remembers whether anybody looked at it.
class FakeInbound final : public Inbound {
 public:
  /// `data` must outlive it.
  FakeInbound(MessageKind kind, std::string_view data, bool out_of_memory = false)
      : kind_(kind), data_(data), out_of_memory_(out_of_memory) {}

  /// As it was given.
  MessageKind kind() const override { return kind_; }
  /// Of a text the UTF-16 units, as in a browser.
  std::size_t size() const override;
  Error read(InboundBuffer& buffer, std::size_t bytes) override;
  /// Somebody has looked at it.
  bool was_read() const { return read_ > 0; }
  /// How much of it was read.
  std::size_t bytes_read() const { return read_; }

 private:
  MessageKind kind_;
  std::string_view data_;
  bool out_of_memory_;
  std::size_t read_ = 0;
};

/// The server's end of a FakeTransport, and what the network did. Lives on after the transport, so
/// that a test can send events that come too late.
class FakeConnection {
 public:
  /// A message that the client has sent.
  struct Sent {
    /// Whether it was sent as text or as bytes.
    MessageKind kind = MessageKind::text;
    /// Its bytes; empty if they are elsewhere (`handle`, `batch`).
    std::string data;
    /// Payload::handle(), if the payload was external; those of a batch are in `batch`.
    std::uint32_t handle = 0;
    /// Payload::handle() of each part of a batch.
    std::vector<std::uint32_t> batch = {};
  };

  /// `open_error` is what open() answers.
  explicit FakeConnection(Error open_error) : open_error_(std::move(open_error)) {}

  // What the client did.
  /// What it was opened with.
  const ConnectRequest& request() const { return request_; }
  /// Everything so far, the oldest first.
  const std::vector<Sent>& sent() const { return sent_; }
  /// close() was called.
  bool close_requested() const { return close_requested_; }
  /// The code of that; 0 is none.
  std::uint16_t close_code() const { return close_code_; }
  /// The reason of that.
  const std::string& close_reason() const { return close_reason_; }
  /// The transport was destroyed.
  bool abandoned() const { return abandoned_; }
  /// What the client last granted; nothing unless take_grants() was called.
  const Grant& granted() const { return granted_; }

  // What the server and the network do. Each calls the listener, also after abandonment: dropping
  // late events is the listener's duty.
  /// The handshake succeeds, with this subprotocol.
  void accept(std::string subprotocol = {});
  /// False if the client dropped it: the connection is an old one, or not open.
  bool deliver_text(std::string_view text);
  /// The same, for a binary message.
  bool deliver_binary(std::string_view bytes);
  /// A message that is granted: nobody of the core is shown it.
  void deliver_unshown() { heard_ = true; }
  /// An error event, and the end of the connection.
  void fail(ErrorCode code = ErrorCode::connection_failed);
  /// The connection ends, as by a close frame of the server.
  void close(std::uint16_t code, std::string reason = {}, bool was_clean = true);
  /// As if the cable was cut and noticed.
  void drop();

  // How the platform behaves.
  /// The platform has readers and writers of its own, as JavaScript is.
  void take_grants() { takes_grants_ = true; }
  /// What send() answers from now on.
  void answer_send_with(TransportSend answer) { send_answer_ = answer; }
  /// Messages that were sent stay in the platform's buffer until drain().
  void hold_buffer() { hold_buffer_ = true; }
  /// The platform's buffer is empty.
  void drain() { buffered_ = 0; }
  /// The same, for so many bytes.
  void drain(std::size_t bytes) { buffered_ -= std::min(bytes, buffered_); }
  /// The platform's own writers send this within their credit. It stays in the buffer until
  /// drain().
  void send_unasked(std::string text);
  /// The next message does not fit in memory.
  void run_out_of_memory() { out_of_memory_ = true; }

 private:
  friend class FakeTransport;

  bool deliver(MessageKind kind, std::string_view data);

  Error open_error_;
  ConnectRequest request_;
  TransportListener* listener_ = nullptr;
  std::vector<Sent> sent_;
  bool close_requested_ = false;
  std::uint16_t close_code_ = 0;
  std::string close_reason_;
  bool abandoned_ = false;
  std::string subprotocol_;
  bool takes_grants_ = false;
  Grant granted_;
  bool heard_ = false;
  TransportSend send_answer_ = TransportSend::taken;
  bool hold_buffer_ = false;
  bool out_of_memory_ = false;
  std::size_t buffered_ = 0;
  /// See Transport::take_sent.
  std::vector<std::string> unasked_;
};

/// A Transport that a test plays the other end of.
class FakeTransport final : public Transport {
 public:
  /// `connection` is the server's end.
  explicit FakeTransport(std::shared_ptr<FakeConnection> connection);
  ~FakeTransport() override;

  Error open(const ConnectRequest& request, TransportListener& listener) override;
  TransportSend send(const Payload& payload) override;
  TransportSend send_batch(std::span<const Payload* const> payloads) override;
  bool takes_grants() const override;
  void grant(const Grant& grant) override;
  void take_sent(std::vector<Payload>& sent) override;
  bool take_heard() override;
  void close(std::uint16_t code, std::string_view reason) override;
  std::size_t buffered_amount() const override;
  std::string subprotocol() const override;

 private:
  std::shared_ptr<FakeConnection> connection_;
};

}  // namespace steady::testing
