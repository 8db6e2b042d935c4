#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>
#include <vector>

#include "address.hpp"
#include "asio.hpp"
#include "event_queue.hpp"
#include "send_buffer.hpp"
#include "steady/header_field.hpp"
#include "steady/native/native_options.hpp"
#include "step_log.hpp"

namespace steady::native {

/// Parameters of TLS and of the opening handshake (RFC 6455 4).
struct Opening {
  Address address;
  std::vector<std::string> subprotocols;
  std::vector<HeaderField> headers;
  /// Value of User-Agent, unless `headers` has one.
  std::string agent;
  std::shared_ptr<const NativeOptions> options;
  /// Null for ws:.
  std::shared_ptr<asio::ssl::context> tls;
  StepLog steps = {};
};

/// A WebSocket on an established TCP connection: TLS, the handshake, frames. Used on the network
/// thread only; queues its events in an EventQueue.
class Link {
 public:
  virtual ~Link() = default;
  virtual void start() = 0;
  /// Call when the send buffer has something to send, or reading may resume.
  virtual void wake() = 0;
  /// Drops the connection at once. No event is queued after this.
  virtual void abandon() = 0;
};

std::shared_ptr<Link> make_link(Tcp socket, Opening opening, std::shared_ptr<EventQueue> events,
                                std::shared_ptr<SendBuffer> send_buffer);

/// Replaces an empty NativeOptions::user_agent.
extern const char* const default_agent;

}  // namespace steady::native
