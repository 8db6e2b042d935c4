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

/// Serves the network: what the connections of one runtime share.
class Engine {
 public:
  /// Throws if the system has no means for it left.
  explicit Engine(const NativeOptions& options);
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  ~Engine();

  /// Nothing is served any more.
  void stop();

  asio::io_context& context() { return context_; }
  Resolver& resolver() { return resolver_; }
  const std::shared_ptr<Wakeup>& wakeup() const { return wakeup_; }
  bool has_thread() const { return thread_.joinable(); }
  /// For wss:; null if it cannot be, and `why`.
  std::shared_ptr<asio::ssl::context> tls(const TlsOptions& options, std::string& why);

  /// Does what can be done at once. Nothing to do if there is a thread for it.
  void serve();
  /// Waits until there is something to serve, and serves it, or until a queue has events.
  void wait(std::chrono::nanoseconds timeout);
  /// From any thread: ends wait(), or the next one.
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
