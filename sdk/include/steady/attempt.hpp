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

/// What one attempt connects with: see Options::provider. As the members of Options of these names.
struct ConnectDetails {
  /// ws: or wss:.
  std::string url = {};
  /// Offered to the server in this order; there may be none.
  std::vector<std::string> subprotocols = {};
  /// Sent with the handshake of this attempt only.
  std::vector<HeaderField> headers = {};
  /// Sent first on the connection, if there is one.
  std::optional<std::string> first_message = {};
};

namespace detail {

/// The Socket, as those see it who answer it later. It lives for as long as one of them does.
class AttemptHost {
 public:
  virtual void acquire() = 0;
  virtual void release() = 0;
  virtual void provided(std::uint32_t attempt, ConnectDetails&& details) = 0;
  virtual bool send_first(std::uint32_t attempt, Payload&& payload) = 0;
  virtual void greeted(std::uint32_t attempt) = 0;
  virtual void give_up(std::uint32_t attempt, Error&& error) = 0;

 protected:
  ~AttemptHost() = default;
};

/// One attempt of a Socket. What is said about an attempt that is over is not heard.
class AttemptRef {
 public:
  AttemptRef(AttemptHost& host, std::uint32_t attempt) : host_(&host), attempt_(attempt) {
    host_->acquire();
  }
  AttemptRef(const AttemptRef& other) : AttemptRef(*other.host_, other.attempt_) {}
  AttemptRef& operator=(const AttemptRef& other) {
    other.host_->acquire();
    host_->release();
    host_ = other.host_;
    attempt_ = other.attempt_;
    return *this;
  }
  ~AttemptRef() { host_->release(); }

  AttemptHost* operator->() const { return host_; }
  std::uint32_t attempt() const { return attempt_; }

 private:
  AttemptHost* host_;
  std::uint32_t attempt_;
};

}  // namespace detail

/// The answer to Options::provider: to be given once, at once or later. It may be kept and copied,
/// and outlive the Socket. An answer that comes when the attempt is over is dropped. A provider
/// must not keep it in what it has captured itself: neither would ever be freed.
class ConnectReply {
 public:
  /// Made by the Socket that asks.
  explicit ConnectReply(detail::AttemptRef attempt) : attempt_(std::move(attempt)) {}

  /// Connects with these. Details that are refused are a failed attempt: invalid_url,
  /// invalid_subprotocol; invalid_option for headers, or a first message that is not valid UTF-8;
  /// and not_supported for headers on the web.
  void connect(ConnectDetails&& details) const {
    attempt_->provided(attempt_.attempt(), std::move(details));
  }
  /// The same, with a copy of them.
  void connect(const ConnectDetails& details) const { connect(ConnectDetails(details)); }
  /// There is nothing to connect with now: a failed attempt, ErrorCode::provider_failed.
  void fail(std::string why) const {
    attempt_->give_up(attempt_.attempt(), {ErrorCode::provider_failed, std::move(why)});
  }

 private:
  detail::AttemptRef attempt_;
};

/// What Options::greet is called with: a connection that has opened and has not been given the
/// queue yet.
/// It may be kept and copied, and outlive the Socket.
class Greeting {
 public:
  /// Made by the Socket that asks.
  explicit Greeting(detail::AttemptRef attempt) : attempt_(std::move(attempt)) {}

  /// Sends text on this connection, before everything that waits. False if the connection is over,
  /// if ready() was called, or if it was refused (the platform does not take it, or it is not valid
  /// UTF-8), which is reported as a drop.
  bool send(std::string_view text) const { return send(Payload::text(text)); }
  /// The same, as a binary message.
  bool send(std::span<const std::byte> bytes) const { return send(Payload::binary(bytes)); }
  /// The same, with a payload that is there already.
  bool send(Payload payload) const {
    return attempt_->send_first(attempt_.attempt(), std::move(payload));
  }

  /// What waits may go now.
  void ready() const { attempt_->greeted(attempt_.attempt()); }
  /// The connection is of no use: it is given up, and counts as a failed attempt;
  /// ErrorCode::greeting_failed.
  void fail(std::string why) const {
    attempt_->give_up(attempt_.attempt(), {ErrorCode::greeting_failed, std::move(why)});
  }

 private:
  detail::AttemptRef attempt_;
};

}  // namespace steady
