#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "steady/transport.hpp"

namespace steady::detail {

/// Listener of a LoggedTransport.
class FrameListener {
 public:
  virtual void connecting(std::string_view url) = 0;
  virtual void sent(MessageKind kind, std::string_view data, std::size_t size) = 0;
  virtual void received(MessageKind kind, std::string_view data, std::size_t size) = 0;
  virtual void step(std::string_view text) = 0;

 protected:
  ~FrameListener() = default;
};

/// A Transport that reports what passes through it.
class LoggedTransport final : public Transport, private TransportListener {
 public:
  /// A larger message than `max_message_bytes` is reported by its size only. `log` must outlive it.
  LoggedTransport(std::unique_ptr<Transport> transport, std::size_t max_message_bytes,
                  FrameListener& log)
      : transport_(std::move(transport)), max_message_bytes_(max_message_bytes), log_(log) {}

  Error open(const ConnectRequest& request, TransportListener& listener) override;
  TransportSend send(const Payload& payload) override;
  TransportSend send_batch(std::span<const Payload* const> payloads) override;
  bool takes_grants() const override { return transport_->takes_grants(); }
  void grant(const Grant& grant) override;
  void close(std::uint16_t code, std::string_view reason) override {
    transport_->close(code, reason);
  }
  void take_sent(std::vector<Payload>& sent) override { transport_->take_sent(sent); }
  bool take_heard() override { return transport_->take_heard(); }
  std::size_t buffered_amount() const override { return transport_->buffered_amount(); }
  std::string subprotocol() const override { return transport_->subprotocol(); }

 private:
  void on_open(Generation generation) override { listener_->on_open(generation); }
  bool on_message(Generation generation, Inbound& message) override;
  void on_error(Generation generation, const Error& error) override {
    listener_->on_error(generation, error);
  }
  void on_close(Generation generation, CloseInfo info) override {
    listener_->on_close(generation, std::move(info));
  }
  void on_step(Generation generation, std::string_view text) override;

  const std::unique_ptr<Transport> transport_;
  const std::size_t max_message_bytes_;
  FrameListener& log_;
  TransportListener* listener_ = nullptr;
  /// A received message. Its memory is reused.
  InboundBuffer buffer_;
};

}  // namespace steady::detail
