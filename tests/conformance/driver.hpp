#pragma once

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "steady/socket.hpp"

// The libc++ of Emscripten 3.1.6 has coroutines under their old name.
#if __has_include(<coroutine>)
#include <coroutine>
namespace coroutines = std;
#else
#include <experimental/coroutine>
namespace coroutines = std::experimental;
#endif

namespace conformance {

using namespace std::chrono_literals;

/// A scenario: a coroutine that waits with `co_await until(…)`, since a page must not block.
class Scenario {
 public:
  struct promise_type {
    Scenario get_return_object() {
      return Scenario(coroutines::coroutine_handle<promise_type>::from_promise(*this));
    }
    coroutines::suspend_always initial_suspend() noexcept { return {}; }
    coroutines::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::abort(); }
  };

  explicit Scenario(coroutines::coroutine_handle<promise_type> handle) : handle_(handle) {}
  Scenario(Scenario&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Scenario& operator=(Scenario&&) = delete;
  ~Scenario() {
    if (handle_) handle_.destroy();
  }

  void resume() { handle_.resume(); }
  bool done() const { return handle_.done(); }

 private:
  coroutines::coroutine_handle<promise_type> handle_;
};

/// The environment that a scenario runs in.
class World {
 public:
  /// `url` is that of the server, without a path. `run` is a unique name for the server's records.
  World(std::string url, std::string run, steady::Dispatch dispatch)
      : url_(std::move(url)), run_(std::move(run)), dispatch_(dispatch) {}

  /// Options for a socket that connects to a path of the server.
  steady::Options options(std::string_view path = "echo") const {
    steady::Options options;
    options.url = url_ + "/" + std::string(path) + "?run=" + run_;
    options.reconnect.initial_delay = 20ms;
    options.reconnect.max_delay = 50ms;
    options.reconnect.later_min = 20ms;
    options.reconnect.later_max = 50ms;
    options.reconnect.stable_after = 0ms;
    options.dispatch = dispatch_;
    options.inbound.max_bytes = std::size_t{64} << 20;
    return options;
  }

  /// Records a failure unless `holds`.
  void check(bool holds, std::string_view what) {
    if (!holds) faults_.emplace_back(what);
  }
  void equal(std::string_view found, std::string_view wanted, std::string_view what) {
    check(found == wanted, std::string(what) + ": \"" + std::string(found.substr(0, 300)) +
                               "\", not \"" + std::string(wanted.substr(0, 300)) + "\"");
  }

  struct Until {
    World& world;
    const char* what;
    std::function<bool()> condition;
    bool await_ready() const { return condition(); }
    void await_suspend(coroutines::coroutine_handle<>) { world.waits_for_ = this; }
    void await_resume() const {}
  };
  /// Waits for the condition; the scenario fails if that takes too long.
  Until until(const char* what, std::function<bool()> condition) {
    return {*this, what, std::move(condition)};
  }

  /// Adds a socket to poll in every frame.
  void poll_with(steady::Socket* socket) { polled_.push_back(socket); }
  void forget(steady::Socket* socket) { std::erase(polled_, socket); }

  /// Runs one frame. Returns true when the scenario has ended.
  bool frame(Scenario& scenario);
  const std::vector<std::string>& faults() const { return faults_; }

 private:
  std::string url_;
  std::string run_;
  steady::Dispatch dispatch_;
  std::vector<std::string> faults_;
  std::vector<steady::Socket*> polled_;
  const Until* waits_for_ = nullptr;
  std::chrono::steady_clock::time_point waits_since_;
};

struct Named {
  const char* name;
  Scenario (*run)(World&);
};

/// All scenarios.
std::vector<Named> scenarios();

}  // namespace conformance
