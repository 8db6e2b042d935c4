#pragma once

// C++20 coroutines over a Socket. Optional: no other header includes this one.
//
//   steady::Task play(steady::Socket& socket) {
//     if (!co_await steady::opened(socket)) co_return;
//     const auto reply = co_await steady::request(socket, "join", Join{"Ann"});
//     while (const auto hit = co_await steady::next<Hit>(socket, "hit")) show(*hit);
//   }
//
// A coroutine continues where handlers run: in the event loop, or in Socket::poll() with
// Dispatch::queued. It may call any method of the socket, and destroy it. If the socket closes for
// good, the awaited value says so. If the socket is destroyed, the coroutines that wait for it are
// destroyed as well: their local variables are, and no further statement runs.

#include <coroutine>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "steady/message.hpp"
#include "steady/request.hpp"
#include "steady/socket.hpp"

namespace steady {

/// Return type of a coroutine that starts at once and runs by itself. As in handlers, an exception
/// that leaves it ends the program.
class Task {
 public:
  /// Called by the compiler ([dcl.fct.def.coroutine] in the C++ standard).
  struct promise_type {
    /// Called by the compiler.
    Task get_return_object() { return {}; }
    /// Starts at once.
    std::suspend_never initial_suspend() noexcept { return {}; }
    /// Frees its memory at its end.
    std::suspend_never final_suspend() noexcept { return {}; }
    /// Called by the compiler.
    void return_void() {}
    /// Ends the program.
    void unhandled_exception() noexcept { std::terminate(); }
  };
};

/// A received message with a copy of its payload.
struct ReceivedMessage {
  /// Text or binary.
  MessageKind kind = MessageKind::text;
  /// See Message::type.
  std::string type = {};
  /// Payload. UTF-8 if `kind` is text.
  std::string data = {};

  /// Returns a view of this object.
  Message view() const { return {kind, type, data}; }
};

/// A Reply with a copy of its data.
struct ReceivedReply {
  /// See Reply::status.
  RequestStatus status = RequestStatus::answered;
  /// See Reply::reason.
  DropReason reason = DropReason::none;
  /// See Reply::error.
  std::string error = {};
  /// See Reply::message.
  ReceivedMessage message = {};

  /// True if the request was answered.
  explicit operator bool() const { return status == RequestStatus::answered; }
  /// See Reply::read.
  template <Decodable T>
  [[nodiscard]] bool read(T& value) const {
    return Reply{status, reason, error, message.view()}.read(value);
  }
};

namespace detail {

/// A suspended coroutine, owned by the handlers that may resume it.
class Suspended {
 public:
  explicit Suspended(std::coroutine_handle<> coroutine) : coroutine_(coroutine) {}
  Suspended(const Suspended&) = delete;
  Suspended& operator=(const Suspended&) = delete;
  ~Suspended() {
    if (coroutine_) coroutine_.destroy();
  }
  /// No effect if the coroutine was resumed before.
  void resume() {
    if (const auto coroutine = std::exchange(coroutine_, {})) coroutine.resume();
  }

 private:
  std::coroutine_handle<> coroutine_;
};

inline ReceivedMessage copy(const Message& message) {
  return {message.kind, std::string(message.type), std::string(message.data)};
}

/// Resumes the coroutine when the socket closes for good.
inline Subscription resume_when_closed(Socket& socket, std::shared_ptr<Suspended> suspended) {
  return socket.on_state_change([suspended = std::move(suspended)](const StateChange& change) {
    if (change.state == State::closed) suspended->resume();
  });
}

class [[nodiscard]] OpenedAwaiter {
 public:
  explicit OpenedAwaiter(Socket& socket) : socket_(socket) {}

  bool await_ready() const { return is_settled(); }
  void await_suspend(std::coroutine_handle<> coroutine) {
    const auto suspended = std::make_shared<Suspended>(coroutine);
    closed_ = resume_when_closed(socket_, suspended);
    opened_ = socket_.on_open([this, suspended] {
      is_open_ = true;
      suspended->resume();
    });
  }
  bool await_resume() const { return is_open_ || socket_.state() == State::open; }

 private:
  bool is_settled() const {
    return socket_.state() == State::open || socket_.state() == State::closed;
  }

  Socket& socket_;
  bool is_open_ = false;
  Subscription opened_;
  Subscription closed_;
};

template <class T>
class [[nodiscard]] NextAwaiter {
 public:
  NextAwaiter(Socket& socket, std::string_view type) : socket_(socket), type_(type) {}

  bool await_ready() const { return socket_.state() == State::closed; }
  void await_suspend(std::coroutine_handle<> coroutine) {
    const auto suspended = std::make_shared<Suspended>(coroutine);
    closed_ = resume_when_closed(socket_, suspended);
    if constexpr (std::same_as<T, ReceivedMessage>) {
      message_ = socket_.on(type_, [this, suspended](const Message& message) {
        value_ = copy(message);
        suspended->resume();
      });
    } else {
      message_ = socket_.on<T>(type_, [this, suspended](const T& value) {
        value_ = value;
        suspended->resume();
      });
    }
  }
  std::optional<T> await_resume() { return std::move(value_); }

 private:
  Socket& socket_;
  const std::string type_;
  std::optional<T> value_;
  Subscription message_;
  Subscription closed_;
};

template <class T>
class [[nodiscard]] RequestAwaiter {
 public:
  RequestAwaiter(Socket& socket, std::string_view type, T value, const RequestOptions& options)
      : socket_(socket), type_(type), value_(std::move(value)), options_(options) {}

  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> coroutine) {
    auto suspended = std::make_unique<Suspended>(coroutine);
    socket_.request(
        type_, value_,
        [this, suspended = std::move(suspended)](const Reply& reply) {
          reply_ = {reply.status, reply.reason, std::string(reply.error), copy(reply.message)};
          suspended->resume();
        },
        options_);
  }
  ReceivedReply await_resume() { return std::move(reply_); }

 private:
  Socket& socket_;
  const std::string type_;
  const T value_;
  const RequestOptions options_;
  ReceivedReply reply_;
};

}  // namespace detail

/// Waits for a connection. Returns true at once if there is one, and false if the socket is closed
/// for good, or closes before: see Socket::error().
inline detail::OpenedAwaiter opened(Socket& socket) { return detail::OpenedAwaiter(socket); }

/// Waits for the next message of this type; "*" matches every type. Returns no value if the socket
/// is closed for good, or closes before. Messages that arrive while the coroutine does not wait are
/// not stored: use a handler for a type of which each message counts.
inline detail::NextAwaiter<ReceivedMessage> next(Socket& socket, std::string_view type) {
  return {socket, type};
}

/// Waits for the next message of this type that the Codec of T decodes. A message that cannot be
/// decoded is reported as malformed_message by on_error, and the wait goes on.
template <Decodable T>
detail::NextAwaiter<T> next(Socket& socket, std::string_view type) {
  return {socket, type};
}

/// Sends a value as a request of this type, and waits for its result: see Socket::request.
template <class T>
detail::RequestAwaiter<T> request(Socket& socket, std::string_view type, T value,
                                  const RequestOptions& options = {}) {
  return {socket, type, std::move(value), options};
}

}  // namespace steady
