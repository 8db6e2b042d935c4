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

namespace steady::native {

/// What a connection begins with.
struct Opening {
  Address address;
  std::vector<std::string> subprotocols;
  std::vector<HeaderField> headers;
  /// User-Agent, unless it is among the headers.
  std::string agent;
  std::shared_ptr<const NativeOptions> options;
  /// Null for ws:.
  std::shared_ptr<asio::ssl::context> tls;
};

/// A WebSocket on a TCP connection: TLS, the handshake, frames. It lives where the network is
/// served, and says what happens to an event queue.
class Link {
 public:
  virtual ~Link() = default;
  virtual void start() = 0;
  /// There is something to send, or room to read.
  virtual void wake() = 0;
  /// Gives the connection up at once. The event queue is told nothing more.
  virtual void abandon() = 0;
};

std::shared_ptr<Link> make_link(Tcp socket, Opening opening, std::shared_ptr<EventQueue> events,
                                std::shared_ptr<SendBuffer> send_buffer);

/// What NativeOptions::user_agent is if it is empty.
extern const char* const default_agent;

}  // namespace steady::native
