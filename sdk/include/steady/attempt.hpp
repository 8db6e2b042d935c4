#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "steady/error.hpp"
#include "steady/header_field.hpp"
#include "steady/payload.hpp"

namespace steady {

/// Result of Options::provider for one attempt. The members correspond to those of Options.
struct ConnectDetails {
  /// ws: or wss: URL: see Options::url.
  std::string url = {};
  /// Text message sent first on the connection. Valid UTF-8.
  std::optional<std::string> first_message = {};
  /// Subprotocols, in order of preference. May be empty.
  std::vector<std::string> subprotocols = {};
  /// Header fields of this attempt's handshake request.
  std::vector<HeaderField> headers = {};
};

namespace detail {

/// Receives the replies of ConnectReply and Greeting, which keep it alive.
class AttemptListener {
 public:
  virtual void acquire() = 0;
  virtual void release() = 0;
  virtual void provided(std::uint32_t attempt, ConnectDetails&& details) = 0;
  virtual bool send_first(std::uint32_t attempt, Payload&& payload) = 0;
  virtual void greeted(std::uint32_t attempt) = 0;
  virtual void fail_attempt(std::uint32_t attempt, Error&& error) = 0;

 protected:
  ~AttemptListener() = default;
};

/// Refers to one attempt of a Socket. Replies for an attempt that is over are ignored.
class AttemptRef {
 public:
  AttemptRef(AttemptListener& listener, std::uint32_t attempt)
      : listener_(&listener), attempt_(attempt) {
    listener_->acquire();
  }
  AttemptRef(const AttemptRef& other) : AttemptRef(*other.listener_, other.attempt_) {}
  AttemptRef& operator=(const AttemptRef& other) {
    other.listener_->acquire();
    listener_->release();
    listener_ = other.listener_;
    attempt_ = other.attempt_;
    return *this;
  }
  ~AttemptRef() { listener_->release(); }

  AttemptListener* operator->() const { return listener_; }
  std::uint32_t attempt() const { return attempt_; }

 private:
  AttemptListener* listener_;
  std::uint32_t attempt_;
};

}  // namespace detail

/// Passed to Options::provider, which calls connect() or fail() once, at once or later. May be
/// copied and may outlive the Socket. Calls after the end of the attempt are ignored. The provider
/// must not store it in its own captures: the cycle would never be freed.
class ConnectReply {
 public:
  /// Called by the Socket.
  explicit ConnectReply(detail::AttemptRef attempt) : attempt_(std::move(attempt)) {}

  /// Connects with `details`. The attempt fails if they are invalid: invalid_url,
  /// invalid_subprotocol; invalid_option for headers, or for a first message that is not valid
  /// UTF-8; not_supported for headers on the web.
  void connect(ConnectDetails&& details) const {
    attempt_->provided(attempt_.attempt(), std::move(details));
  }
  /// Connects with a copy of `details`.
  void connect(const ConnectDetails& details) const { connect(ConnectDetails(details)); }
  /// Fails the attempt with ErrorCode::provider_failed. `why` is the error's message.
  void fail(std::string why) const {
    attempt_->fail_attempt(attempt_.attempt(), {ErrorCode::provider_failed, std::move(why)});
  }

 private:
  detail::AttemptRef attempt_;
};

/// Passed to Options::greet: a connection that has opened and whose queue is held until ready().
/// May be copied and may outlive the Socket.
class Greeting {
 public:
  /// Called by the Socket.
  explicit Greeting(detail::AttemptRef attempt) : attempt_(std::move(attempt)) {}

  /// Sends text on this connection, before queued messages. Returns false if the connection has
  /// ended, if ready() was called, or if the message was refused (it is not valid UTF-8, or the
  /// platform's WebSocket rejected it), which is reported as a drop.
  bool send(std::string_view text) const { return send(Payload::text(text)); }
  /// Sends a binary message in the same way.
  bool send(std::span<const std::byte> bytes) const { return send(Payload::binary(bytes)); }
  /// Sends a payload in the same way.
  bool send(Payload payload) const {
    return attempt_->send_first(attempt_.attempt(), std::move(payload));
  }

  /// Ends the greeting: queued messages are sent.
  void ready() const { attempt_->greeted(attempt_.attempt()); }
  /// Aborts the connection, which counts as a failed attempt, with ErrorCode::greeting_failed.
  /// `why` is the error's message.
  void fail(std::string why) const {
    attempt_->fail_attempt(attempt_.attempt(), {ErrorCode::greeting_failed, std::move(why)});
  }

 private:
  detail::AttemptRef attempt_;
};

}  // namespace steady
