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

/// One connection attempt and the connection that it becomes. Called by the user thread; its state
/// is used on the network thread only.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Engine& engine, Opening opening, DialTarget target, std::shared_ptr<EventQueue> events,
             std::shared_ptr<SendBuffer> send_buffer);

  void start();
  /// Call when the send buffer has something to send, or reading may resume.
  void wake();
  /// Aborts the attempt or drops the connection. With an I/O thread, an event may still be queued
  /// until that thread has processed the call.
  void abandon();

 private:
  void dialed(Tcp socket, const std::string& error);
  void fail(const std::string& error);
  void serve();
  /// Runs `function` on the network thread: at once if that is the user thread.
  template <class Function>
  void run_on_network_thread(Function function);

  Engine& engine_;
  const std::shared_ptr<EventQueue> events_;
  const std::shared_ptr<SendBuffer> send_buffer_;
  Opening opening_;
  std::shared_ptr<Dialer> dialer_;
  std::shared_ptr<Link> link_;
  bool is_abandoned_ = false;

  /// A call of serve() has been posted and has not run.
  std::atomic<bool> is_woken_ = false;
  HandlerMemory wake_memory_;
};

}  // namespace steady::native
