#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "connection.hpp"
#include "engine.hpp"
#include "event_queue.hpp"
#include "send_buffer.hpp"
#include "steady/native/native_options.hpp"
#include "steady/transport.hpp"

namespace steady::native {

/// A Transport on Boost.Beast: the user thread's side of a Connection.
class NativeTransport final : public Transport {
 public:
  /// open() returns `failure` if it is set. `engine` is null if it could not be created.
  NativeTransport(std::shared_ptr<Engine> engine, std::shared_ptr<const NativeOptions> options,
                  Error failure);
  NativeTransport(const NativeTransport&) = delete;
  NativeTransport& operator=(const NativeTransport&) = delete;
  ~NativeTransport() override;

  Error open(const ConnectRequest& request, TransportListener& listener) override;
  TransportSend send(const Payload& payload) override;
  void close(std::uint16_t code, std::string_view reason) override;
  std::size_t buffered_amount() const override;
  std::string subprotocol() const override;

  /// Dispatches events to the listener of the queue's transport. Stops when a listener call
  /// destroys the transport, or the runtime, which sets `is_over`. Returns the number of listener
  /// calls.
  static std::size_t dispatch(EventQueue& events, EventQueue::Taken& taken, const bool& is_over);

 private:
  Error prepare(const ConnectRequest& request, Opening& opening, DialTarget& target);

  /// Declared before the connection, which refers to it.
  const std::shared_ptr<Engine> engine_;
  const std::shared_ptr<const NativeOptions> options_;
  const Error failure_;
  std::shared_ptr<EventQueue> events_;
  std::shared_ptr<SendBuffer> send_buffer_;
  std::shared_ptr<Connection> connection_;
  TransportListener* listener_ = nullptr;
  Generation generation_ = 0;
  std::string subprotocol_;
  bool is_closing_ = false;
};

}  // namespace steady::native
