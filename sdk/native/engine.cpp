#include "engine.hpp"

#include <boost/asio/post.hpp>
#include <mutex>
#include <vector>

#include "tls.hpp"

namespace steady::native {

namespace {

/// Handlers that one call of serve() runs at most: a fast server must not hold up a frame.
constexpr int most_handlers = 2'048;

}  // namespace

Engine::Engine(const NativeOptions& options) : work_(context_.get_executor()), resolver_(context_) {
  if (options.threading == Threading::io_thread) thread_ = std::thread([this] { run(); });
}

Engine::~Engine() {
  stop();
  // They hold the bell that holds them.
  bell_->mailboxes.clear();
}

void Engine::stop() {
  if (thread_.joinable()) {
    context_.stop();
    thread_.join();
  }
  // What was not told will not be. It is destroyed when the mutex is free again.
  std::vector<std::shared_ptr<Mailbox>> untold;
  const std::lock_guard lock(bell_->mutex);
  untold.swap(bell_->mailboxes);
}

std::shared_ptr<asio::ssl::context> Engine::tls(const TlsOptions& options, std::string& why) {
  if (!tls_) tls_ = make_tls(options, why);
  return tls_;
}

void Engine::serve() {
  if (has_thread()) return;
  try {
    for (int left = most_handlers; left > 0 && context_.poll_one() > 0; --left) {
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
  std::unique_lock lock(bell_->mutex);
  bell_->rung.wait_for(lock, timeout,
                       [this] { return !bell_->mailboxes.empty() || bell_->is_interrupted; });
  bell_->is_interrupted = false;
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
    const std::lock_guard lock(bell_->mutex);
    bell_->is_interrupted = true;
  }
  bell_->rung.notify_one();
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
