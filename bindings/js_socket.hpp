#pragma once

#include <cstdint>
#include <memory>

#include "steady/socket.hpp"
#include "steady/web/web_runtime.hpp"

namespace steady::bindings {

/// A Socket for JavaScript. Its messages are JavaScript values, queued as handles in
/// SteadyWeb.payloads; its events are told to the observer.
class JsSocket final : private SocketListener {
 public:
  /// `observer`: see WebRuntime. There is no socket yet: set the options, then connect().
  explicit JsSocket(std::uint32_t observer) : observer_(observer) {}
  JsSocket(const JsSocket&) = delete;
  JsSocket& operator=(const JsSocket&) = delete;

  /// To be changed before the first connect().
  Options& options() { return options_; }

  /// Makes the socket the first time. Nothing below may be called before. What is wrong the
  /// observer is told at once.
  ErrorCode connect();
  Socket& socket() { return *socket_; }
  /// The same.
  ErrorCode close(const CloseOptions& options) { return answer(socket_->close(options)); }

  /// What a payload is. Keep in step with Format in src/core.ts.
  enum class Format : int { binary, text, json };

  /// Sends SteadyWeb.now if the browser can have it now.
  TransportSend send_now(Format format, std::size_t size);
  /// Sends the payload behind `handle`, and releases the handle when it is sent or dropped.
  SendResult send(Format format, std::uint32_t handle, std::size_t size);

 private:
  void on_open() override;
  void on_close(const CloseInfo& info) override;
  void on_error(const Error& error) override;
  void on_state_change(const StateChange& change) override;
  void on_drop(const Drop& drop) override;
  ErrorCode answer(const Error& error);

  std::uint32_t observer_;
  Options options_;
  std::unique_ptr<Socket> socket_;
};

}  // namespace steady::bindings
