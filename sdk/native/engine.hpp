#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ssl/context.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "asio.hpp"
#include "event_queue.hpp"
#include "resolver.hpp"
#include "steady/native/native_options.hpp"

namespace steady::native {

/// Network I/O of one runtime, shared by its connections.
///
/// It runs on the network thread: the I/O thread with Threading::io_thread, the user thread with
/// Threading::caller. The user thread is the one that uses the runtime and calls poll().
class Engine {
 public:
  /// Throws if the system is out of resources: file descriptors or threads.
  explicit Engine(const NativeOptions& options);
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  ~Engine();

  /// Stops the I/O thread and drops pending events. No handler runs after this.
  void stop();

  asio::io_context& context() { return context_; }
  Resolver& resolver() { return resolver_; }
  const std::shared_ptr<Wakeup>& wakeup() const { return wakeup_; }
  bool has_thread() const { return thread_.joinable(); }
  /// Context for wss:, created on first use. Returns null and sets `why` on failure.
  std::shared_ptr<asio::ssl::context> tls(const TlsOptions& options, std::string& why);

  /// Runs handlers that are ready, without waiting. No effect with an I/O thread.
  void serve();
  /// Waits until a handler is ready, and runs it; with an I/O thread, until a queue has events.
  void wait(std::chrono::nanoseconds timeout);
  /// Thread-safe. Ends the current wait(), or the next one.
  void interrupt();

 private:
  void run();

  const std::shared_ptr<Wakeup> wakeup_ = std::make_shared<Wakeup>();
  asio::io_context context_{1};
  asio::executor_work_guard<Executor> work_;
  Resolver resolver_;
  std::shared_ptr<asio::ssl::context> tls_;
  std::thread thread_;
};

}  // namespace steady::native
