#include "engine.hpp"

#include <boost/asio/post.hpp>
#include <mutex>
#include <vector>

#include "tls.hpp"

namespace steady::native {

namespace {

/// Maximum number of handlers per serve(): a fast server must not delay a frame of the program.
constexpr int max_handlers = 2'048;

}  // namespace

Engine::Engine(const NativeOptions& options) : work_(context_.get_executor()), resolver_(context_) {
  if (options.threading == Threading::io_thread) thread_ = std::thread([this] { run(); });
}

Engine::~Engine() {
  stop();
  // The queues and the wakeup refer to each other.
  wakeup_->pending.clear();
}

void Engine::stop() {
  if (thread_.joinable()) {
    context_.stop();
    thread_.join();
  }
  // Declared before the lock: the dropped queues are destroyed after the mutex is released.
  std::vector<std::shared_ptr<EventQueue>> discarded;
  const std::lock_guard lock(wakeup_->mutex);
  discarded.swap(wakeup_->pending);
}

std::shared_ptr<asio::ssl::context> Engine::tls(const TlsOptions& options, std::string& why) {
  if (!tls_) tls_ = make_tls(options, why);
  return tls_;
}

void Engine::serve() {
  if (has_thread()) return;
  try {
    for (int left = max_handlers; left > 0 && context_.poll_one() > 0; --left) {
    }
  } catch (...) {
    // Out of memory. The operation is lost; a timeout detects that.
  }
}

void Engine::wait(std::chrono::nanoseconds timeout) {
  if (!has_thread()) {
    try {
      context_.run_one_for(timeout);
    } catch (...) {
      // Same as in serve().
    }
    return;
  }
  std::unique_lock lock(wakeup_->mutex);
  wakeup_->condition.wait_for(
      lock, timeout, [this] { return !wakeup_->pending.empty() || wakeup_->is_interrupted; });
  wakeup_->is_interrupted = false;
}

void Engine::interrupt() {
  if (!has_thread()) {
    try {
      asio::post(context_, [] {});
    } catch (...) {
      // Out of memory. The wait ends by itself within a second (max_wait in native_runtime.cpp).
    }
    return;
  }
  {
    const std::lock_guard lock(wakeup_->mutex);
    wakeup_->is_interrupted = true;
  }
  wakeup_->condition.notify_one();
}

void Engine::run() {
  while (!context_.stopped()) {
    try {
      context_.run();
    } catch (...) {
      // Same as in serve().
    }
  }
}

}  // namespace steady::native
