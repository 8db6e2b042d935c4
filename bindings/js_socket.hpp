#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "steady/socket.hpp"
#include "steady/web/web_runtime.hpp"

namespace steady::bindings {

/// A Socket for JavaScript. Its messages are JavaScript values, queued as handles in
/// SteadyWeb.payloads; its events are told to the observer.
class JsSocket final : public SocketListener {
 public:
  /// `observer`: see WebRuntime. There is no socket yet: set the options, then connect().
  explicit JsSocket(std::uint32_t observer)
      : observer_(observer), options_(std::make_unique<Options>()) {}
  /// For a socket of somebody else, whose runtime has that observer, and who passes on its events.
  JsSocket(std::uint32_t observer, Socket& socket) : observer_(observer), socket_(&socket) {}
  JsSocket(const JsSocket&) = delete;
  JsSocket& operator=(const JsSocket&) = delete;

  /// To be changed before the first connect().
  Options& options() { return *options_; }

  /// What connect() may ask for; `check` is only whether the options are good. Keep in step with
  /// Request in src/core.ts.
  enum class Request : int { connect, suspend, resume, check };

  /// Makes the socket the first time. Nothing below may be called before. What is wrong the
  /// observer is told at once.
  ErrorCode connect(Request request);
  /// The same for Socket::reconnect().
  ErrorCode reconnect(const CloseOptions& farewell) { return answer(socket_->reconnect(farewell)); }
  Socket& socket() { return *socket_; }
  /// The same.
  ErrorCode close(const CloseOptions& options) { return answer(socket_->close(options)); }

  /// The observer is asked by events: what to connect with before an attempt, what to do first on a
  /// connection, and, at once, what follows the end of one.
  void ask_for_details();
  void ask_for_session();
  void ask_to_decide();
  /// What to connect with: of the options before the first connect(), then for provide().
  std::string& url() { return options_ ? options_->url : details_.url; }
  std::vector<std::string>& subprotocols() {
    return options_ ? options_->subprotocols : details_.subprotocols;
  }
  std::optional<std::string>& first_message() {
    return options_ ? options_->first_message : details_.first_message;
  }
  /// Answers the last question for details, with those above unless it has `failed`.
  void provide(bool failed, std::string&& why);
  /// Answers the last question for a session.
  void begin_session(bool failed, std::string&& why);

  /// What a payload is. Keep in step with Format in src/core.ts.
  enum class Format : int { binary, text, json };

  /// Sends SteadyWeb.now if the browser can have it now.
  TransportSend send_now(Format format, std::size_t size);
  /// What the next send() wants.
  void set_send_options(const SendOptions& options, std::string key);
  /// Sends the payload behind `handle`, and releases the handle when it is sent or dropped.
  SendResult send(Format format, std::uint32_t handle, std::size_t size);
  /// The same on the connection of the last question for a session.
  bool send_first(Format format, std::uint32_t handle, std::size_t size);

  void on_open() override;
  void on_close(const CloseInfo& info) override;
  void on_error(const Error& error) override;
  void on_state_change(const StateChange& change) override;
  /// Of an external payload.
  void on_drop(const Drop& drop) override;
  void on_outcome(const Outcome& outcome) override;
  void on_drained(const Error& error) override;

 private:
  Error ask(Request request);
  ErrorCode answer(const Error& error);

  std::uint32_t observer_;
  /// Of its own socket, until the first connect().
  std::unique_ptr<Options> options_;
  SendOptions send_options_;
  std::string key_;
  ConnectDetails details_;
  std::optional<ConnectReply> reply_;
  std::optional<Session> session_;
  std::unique_ptr<Socket> owned_socket_;
  Socket* socket_ = nullptr;
};

}  // namespace steady::bindings
