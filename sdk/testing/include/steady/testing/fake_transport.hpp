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

/// A received message that records how much of it was read.
class FakeInbound final : public Inbound {
 public:
  /// `data` must outlive it. With `out_of_memory`, read() fails.
  FakeInbound(MessageKind kind, std::string_view data, bool out_of_memory = false)
      : kind_(kind), data_(data), out_of_memory_(out_of_memory) {}

  /// Text or binary.
  MessageKind kind() const override { return kind_; }
  /// UTF-16 code units of a text message, as in a browser; bytes of a binary message.
  std::size_t size() const override;
  Error read(InboundBuffer& buffer, std::size_t bytes) override;
  /// Returns true if any of it was read.
  bool was_read() const { return read_ > 0; }
  /// Returns the number of bytes that were read.
  std::size_t bytes_read() const { return read_; }

 private:
  MessageKind kind_;
  std::string_view data_;
  bool out_of_memory_;
  std::size_t read_ = 0;
};

/// The server's end of a FakeTransport, and its network. Outlives the transport, so that a test can
/// dispatch late events.
class FakeConnection {
 public:
  /// A message from the client.
  struct Sent {
    /// Text or binary.
    MessageKind kind = MessageKind::text;
    /// Payload. Empty if it is external: see `handle` and `batch`.
    std::string data;
    /// Payload::handle() of an external payload; 0 otherwise.
    std::uint32_t handle = 0;
    /// Payload::handle() of each message of a batch.
    std::vector<std::uint32_t> batch = {};
  };

  /// `open_error` is the return value of open().
  explicit FakeConnection(Error open_error) : open_error_(std::move(open_error)) {}

  // Calls of the client.
  /// Returns the parameters of open().
  const ConnectRequest& request() const { return request_; }
  /// Returns all messages sent so far, oldest first.
  const std::vector<Sent>& sent() const { return sent_; }
  /// Returns true if close() was called.
  bool close_requested() const { return close_requested_; }
  /// Returns the code passed to close(); 0 is none.
  std::uint16_t close_code() const { return close_code_; }
  /// Returns the reason passed to close().
  const std::string& close_reason() const { return close_reason_; }
  /// Returns true if the transport was destroyed.
  bool abandoned() const { return abandoned_; }
  /// Returns the last Grant. Nothing is granted unless take_grants() was called.
  const Grant& granted() const { return granted_; }

  // Events of the server and the network. All but deliver_unshown() call the listener, also when
  // the transport was destroyed: the listener must drop late events.
  /// Completes the handshake, with this subprotocol.
  void accept(std::string subprotocol = {});
  /// Delivers a text message. Returns false if the client dropped it: the connection is not open,
  /// or not the current one.
  bool deliver_text(std::string_view text);
  /// Delivers a binary message in the same way.
  bool deliver_binary(std::string_view bytes);
  /// Delivers a message within the Grant, which bypasses the core.
  void deliver_unshown() { heard_ = true; }
  /// Dispatches an error event, then drops the connection.
  void fail(ErrorCode code = ErrorCode::connection_failed);
  /// Refuses the handshake with this response: dispatches an error event, then drops the
  /// connection.
  void refuse(HandshakeResponse response);
  /// Reports a step, for Options::log: see TransportListener::on_step. No effect without a log.
  void step(std::string_view text);
  /// Ends the connection, as after a close frame from the server.
  void close(std::uint16_t code, std::string reason = {}, bool was_clean = true);
  /// Ends the connection with close code 1006, as after a detected network failure.
  void drop();

  // Behaviour of the platform.
  /// Makes the transport support grants, as JavaScript does.
  void take_grants() { takes_grants_ = true; }
  /// Sets the return value of send().
  void answer_send_with(TransportSend answer) { send_answer_ = answer; }
  /// Keeps sent messages in the platform's send buffer until drain().
  void hold_buffer() { hold_buffer_ = true; }
  /// Empties the platform's send buffer.
  void drain() { buffered_ = 0; }
  /// Removes so many bytes from the platform's send buffer.
  void drain(std::size_t bytes) { buffered_ -= std::min(bytes, buffered_); }
  /// Sends a text message within Grant::send_credit, bypassing send(). It stays in the platform's
  /// send buffer until drain().
  void send_unasked(std::string text);
  /// Makes reading the next received message fail with ErrorCode::out_of_memory.
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
  std::vector<std::string> sent_within_credit_;
};

/// A Transport whose server is a FakeConnection, which a test controls.
class FakeTransport final : public Transport {
 public:
  /// `connection` is the server's end of this transport.
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
