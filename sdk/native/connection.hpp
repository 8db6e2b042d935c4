#pragma once

#include <atomic>
#include <memory>

#include "dialer.hpp"
#include "engine.hpp"
#include "event_queue.hpp"
#include "handler_memory.hpp"
#include "link.hpp"
#include "send_buffer.hpp"

namespace steady::native {

/// One attempt, from the name to the end. Called by the user's thread; what it has is touched only
/// where the network is served.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Engine& engine, Opening opening, DialTarget target, std::shared_ptr<EventQueue> events,
             std::shared_ptr<SendBuffer> send_buffer);

  void start();
  /// There is something to send, or room to read.
  void wake();
  /// Gives up at once. The event queue is told nothing more, soon.
  void abandon();

 private:
  void dialed(Tcp socket, const std::string& error);
  void fail(const std::string& error);
  void serve();
  /// Calls it where the network is served.
  template <class Function>
  void run_on_network_thread(Function function);

  Engine& engine_;
  const std::shared_ptr<EventQueue> events_;
  const std::shared_ptr<SendBuffer> send_buffer_;
  Opening opening_;
  std::shared_ptr<Dialer> dialer_;
  std::shared_ptr<Link> link_;
  bool is_abandoned_ = false;

  /// A call of serve() is on its way.
  std::atomic<bool> is_woken_ = false;
  HandlerMemory wake_memory_;
};

}  // namespace steady::native
