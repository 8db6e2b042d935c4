#include "engine.hpp"

#include <boost/asio/post.hpp>
#include <mutex>
#include <vector>

#include "tls.hpp"

namespace steady::native {

namespace {

/// Handlers that one call of serve() runs at most: a fast server must not hold up a frame.
constexpr int max_handlers = 2'048;

}  // namespace

Engine::Engine(const NativeOptions& options) : work_(context_.get_executor()), resolver_(context_) {
  if (options.threading == Threading::io_thread) thread_ = std::thread([this] { run(); });
}

Engine::~Engine() {
  stop();
  // They hold the wakeup that holds them.
  wakeup_->pending.clear();
}

void Engine::stop() {
  if (thread_.joinable()) {
    context_.stop();
    thread_.join();
  }
  // What was not told will not be. It is destroyed when the mutex is free again.
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
    // Memory was short: what it was for has not happened, and is found out by a timeout.
  }
}

void Engine::wait(std::chrono::nanoseconds timeout) {
  if (!has_thread()) {
    try {
      context_.run_one_for(timeout);
    } catch (...) {
      // As above.
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
      // Memory was short: the wait ends by itself, within a second.
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
      // As in serve().
    }
  }
}

}  // namespace steady::native
