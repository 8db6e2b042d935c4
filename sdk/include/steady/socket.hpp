#pragma once

#include <array>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "steady/close_info.hpp"
#include "steady/codec.hpp"
#include "steady/error.hpp"
#include "steady/handler.hpp"
#include "steady/message.hpp"
#include "steady/options.hpp"
#include "steady/payload.hpp"
#include "steady/request.hpp"
#include "steady/runtime.hpp"
#include "steady/send_options.hpp"
#include "steady/send_result.hpp"
#include "steady/session.hpp"
#include "steady/state.hpp"
#include "steady/stats.hpp"
#include "steady/subscription.hpp"

namespace steady {

/// A change of a Socket's State.
struct StateChange {
  /// New state.
  State state = State::idle;
  /// Previous state.
  State previous = State::idle;
  /// In State::waiting, the time until the next attempt. 0 otherwise.
  std::chrono::milliseconds retry_in{0};
  /// In State::waiting, suspended and closed, the end of the last connection or attempt. No value
  /// otherwise.
  std::optional<CloseInfo> last_close = {};
};

/// Options of Socket::close and Socket::reconnect.
struct CloseOptions {
  /// Close code: 1000 or 3000-4999 (HTML standard, WebSocket.close). Without a value, the default,
  /// the close frame has no code.
  std::optional<std::uint16_t> code = {};
  /// Close reason: at most 123 bytes of UTF-8 (RFC 6455 5.5). Not sent without a code.
  /// Default: empty.
  std::string_view reason = {};
  /// Before closing, sends all queued messages and waits until they have left the platform's send
  /// buffer, or, in a session, until they were delivered; reconnecting if necessary. Further
  /// messages are dropped. Default: false.
  bool flush = false;
  /// Time limit of the flush. Messages that are still queued then are dropped. More than 0, at most
  /// one day. Default: 5 s.
  std::chrono::milliseconds deadline{5'000};
};

/// Returns an error for the first member that is out of range, or no error.
/// Errors: invalid_close_code, invalid_close_reason, invalid_option.
[[nodiscard]] Error validate(const CloseOptions& options);

/// Listener of all events of a Socket, for layers between a Socket and its users, such as bindings
/// to another language. Called from the event loop, also with Dispatch::queued. Programs use
/// Socket::on_open and the other methods that subscribe handlers.
class SocketListener {
 public:
  /// A connection has opened.
  virtual void on_open() = 0;
  /// A connection or an attempt has ended.
  virtual void on_close(const CloseInfo& info) = 0;
  /// An error has occurred. Its consequences are reported by the other events.
  virtual void on_error(const Error& error) = 0;
  /// The state has changed.
  virtual void on_state_change(const StateChange& change) = 0;
  /// A message will not be sent. Called once per message.
  virtual void on_drop(const Drop& drop) = 0;
  /// Result of a message that was sent with SendOptions::track or SendOptions::reply.
  virtual void on_outcome(const Outcome& outcome) = 0;
  /// Completes a call of Socket::drained() with an empty handler.
  virtual void on_drained(const Error& error) { static_cast<void>(error); }
  /// Completes a call of Socket::delivered() with an empty handler.
  virtual void on_delivered(const Error& error) { static_cast<void>(error); }
  /// The session has begun, continues or is over.
  virtual void on_session(const SessionChange& change) { static_cast<void>(change); }

 protected:
  ~SocketListener() = default;
};

/// A WebSocket client that reconnects: one logical connection over any number of WebSocket
/// connections.
///
/// Handlers are called from the event loop only (with Dispatch::queued, from poll() only), never
/// from inside another call of the Socket. They may subscribe, unsubscribe, send, close, and
/// destroy the Socket. No handler is called after the destructor. All calls must come from one
/// thread.
///
/// Handlers and the callbacks in Options (provider, greet, decide) must not throw: an exception
/// that leaves one ends the program (std::terminate). A web program that is compiled with
/// exceptions is not terminated; the state of its socket is undefined then.
class Socket {
 public:
  /// Receives a message, which is valid during the call.
  using MessageHandler = Handler<Message>;
  /// Called when a connection has opened.
  using OpenHandler = Handler<void>;
  /// Receives the end of a connection or an attempt.
  using CloseHandler = Handler<CloseInfo>;
  /// Receives an error.
  using ErrorHandler = Handler<Error>;
  /// Receives a change of the state.
  using StateHandler = Handler<StateChange>;
  /// Receives a message that will not be sent.
  using DropHandler = Handler<Drop>;
  /// Receives the result of a message.
  using OutcomeHandler = Handler<Outcome>;
  /// Receives no error once all messages have been sent, or invalid_state if the socket closed
  /// first.
  using DrainedHandler = Handler<Error>;
  /// Receives no error once all messages have been delivered; session_lost if the session has ended
  /// before, or the socket was closed; session_unsupported if there is none.
  using DeliveredHandler = Handler<Error>;
  /// Receives a change of the session.
  using SessionHandler = Handler<SessionChange>;

  /// Uses the platform's Runtime: a web::WebRuntime, or a native::NativeRuntime, without which
  /// (STEADYSOCKET_NATIVE) a native program does not link. If `options` are invalid, the socket is
  /// closed: see error().
  explicit Socket(Options options);
  /// Uses `runtime`, which must outlive the socket.
  Socket(Options options, Runtime& runtime);
  /// Uses `runtime` and owns it.
  Socket(Options options, std::unique_ptr<Runtime> runtime);
  /// For bindings, which read messages themselves (see heartbeat_answered()): uses and owns
  /// `runtime`, and does not copy the options.
  Socket(std::unique_ptr<Runtime> runtime, std::unique_ptr<Options> options);
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  /// Aborts the connection. Queued messages are dropped without a report.
  ~Socket();

  /// Makes the first attempt, or, in State::waiting and State::suspended, the next attempt at once.
  /// No effect in State::connecting and State::open.
  /// Errors: invalid_state when closing or closed; those of Transport::open.
  Error connect();
  /// Makes a new connection in any state: replaces an open connection, ends a wait, reopens a
  /// closed socket, and counts retries from 0. An attempt in progress continues. The code and the
  /// reason of `close_options` are sent on the old connection; its `flush` has no effect.
  /// Errors: those of the options, if they were invalid; those of close() and of Transport::open.
  Error reconnect(const CloseOptions& close_options = {});
  /// Aborts the connection or the attempt, and makes no attempt until resume(), connect() or
  /// reconnect(). Messages sent meanwhile are queued.
  /// Errors: invalid_state when closing or closed.
  Error suspend();
  /// In State::suspended, makes an attempt at once. No effect in other states.
  /// Errors: invalid_state when closing or closed; those of Transport::open.
  Error resume();

  /// Sends a text message, or queues it until the connection can take it. Order is kept. Text that
  /// is not valid UTF-8 is rejected with DropReason::refused; send it as a binary message.
  SendResult send(std::string_view text, const SendOptions& options = {});
  /// Sends a binary message in the same way, from any contiguous range of std::byte.
  SendResult send(std::span<const std::byte> bytes, const SendOptions& options = {});
  /// Sends a binary message from any contiguous range of unsigned char, such as
  /// std::vector<std::uint8_t>.
  template <detail::ConvertsToOctets T>
  SendResult send(const T& bytes, const SendOptions& options = {}) {
    return send(std::as_bytes(std::span<const unsigned char>(bytes)), options);
  }
  /// Sends `size` bytes, beginning at `data`, as a binary message.
  SendResult send_binary(const void* data, std::size_t size, const SendOptions& options = {});
  /// Sends a payload in the same way.
  SendResult send(Payload payload, const SendOptions& options = {});
  /// Sends a value, encoded by its Codec.
  template <detail::SentByCodec T>
  SendResult send(const T& value, const SendOptions& options = {}) {
    static_assert(Encodable<T>,
                  "There is no steady::Codec that encodes this type. For JSON include "
                  "<steady/json.hpp>, and give the type a to_json. For bytes call send_binary, or "
                  "send std::as_bytes(std::span(value)).");
    return send(Codec<T>::encode(value), options);
  }

  /// Sends a value as a message of this type, which on<T>(type, …) receives: the value, encoded by
  /// its Codec, with the member Options::type_member. Returns DropReason::refused if the encoded
  /// value cannot have the member: it is a number, for example.
  template <class T>
  requires(!std::same_as<T, SendOptions>) SendResult
      send(std::string_view type, const T& value, const SendOptions& options = {}) {
    static_assert(EncodableWithMembers<T>,
                  "There is no steady::Codec that encodes this type with members. For JSON include "
                  "<steady/json.hpp>, and give the type a to_json.");
    const Member member{type_member(), type};
    Payload payload;
    if (!Codec<T>::encode(value, std::span(&member, 1), payload)) return refuse(std::move(payload));
    return send(std::move(payload), options);
  }

  /// Sends a value as a request of this type, and calls `handler` once, when it is answered or will
  /// not be: see RequestStatus. The message is the value, encoded by its Codec, with the members
  /// Options::type_member and RequestNames::id_member; the first message with the same id is the
  /// reply. A request that was not sent after its timeout is removed from the queue. In a session
  /// (Options::session) a request outlives its connection. As all handlers, `handler` is not called
  /// after the destructor.
  template <class T>
  void request(std::string_view type, const T& value, Handler<Reply> handler,
               const RequestOptions& options = {}) {
    static_assert(EncodableWithMembers<T>,
                  "There is no steady::Codec that encodes this type with members. For JSON include "
                  "<steady/json.hpp>, and give the type a to_json.");
    const std::string id = new_request_id();
    const std::array members{Member{type_member(), type}, Member{id_member(), id}};
    std::optional<Payload> payload(std::in_place);
    if (!Codec<T>::encode(value, members, *payload)) payload.reset();
    send_request(std::move(payload), id, std::move(handler), options);
  }

  /// Reports that the message HeartbeatOptions::reply has arrived. For bindings that read messages
  /// themselves, while Grant::seeks_reply is set; otherwise the Socket finds the message itself. No
  /// effect if no ping is waiting for its answer.
  void heartbeat_answered();

  /// Runs the event loop on platforms where the program owns it (Runtime::poll). With
  /// Dispatch::queued, also calls the handlers for all waiting events and messages, in order; call
  /// it once a frame. Events caused by these handlers are dispatched by the next call. No effect
  /// inside a handler. `budget` has no effect with Dispatch::immediate.
  /// Returns the number of waiting messages that were dispatched.
  std::size_t poll(const PollBudget& budget = {});

  /// Drops a queued message with DropReason::cancelled. Returns false if it is not queued.
  bool cancel(std::uint32_t id);
  /// Marks a message with SendOptions::reply as answered or abandoned: no Outcome of it is
  /// reported. Returns false if it was not sent yet, or if no reply to it is expected.
  bool answered(std::uint32_t id);

  /// Calls `handler` once, when the queue and the platform's send buffer are empty, or with
  /// invalid_state if the socket closes first. If `handler` is empty, SocketListener::on_drained is
  /// called instead.
  void drained(DrainedHandler handler);
  /// Calls `handler` once, when the server has handled all messages that were sent before this
  /// call, apart from those that were dropped. Waits for a connection if there is none. Requires
  /// Options::session and a server that supports sessions. If `handler` is empty,
  /// SocketListener::on_delivered is called instead.
  void delivered(DeliveredHandler handler);

  /// Closes the socket for good. Queued messages are passed to the platform first if the connection
  /// is open, and dropped otherwise; see also CloseOptions::flush. No effect when closing or
  /// closed, except that a close without a flush ends a flush.
  /// Errors: invalid_close_code, invalid_close_reason, invalid_option. Nothing happens then, except
  /// that on_error reports it as well: most programs ignore the return value.
  Error close(const CloseOptions& options = {});

  /// Calls `handler` for text messages that are JSON and whose routing member
  /// (Options::type_member) is the string `type`; "*" matches every type. The text is parsed only
  /// up to that member, so the rest may be malformed. The first of duplicate members applies.
  Subscription on(std::string_view type, MessageHandler handler);
  /// Calls `handler` for the same messages with the value that the Codec decodes:
  /// on<Hit>("hit", …). A message that cannot be decoded is reported once as malformed_message, by
  /// on_error.
  template <class T>
  Subscription on(std::string_view type, Handler<T> handler) {
    static_assert(Decodable<T>,
                  "There is no steady::Codec that decodes this type. For JSON include "
                  "<steady/json.hpp>, and give the type a from_json.");
    return on(type, [impl = impl_, handler = std::move(handler)](const Message& message) {
      T value{};
      if (const Error error = Codec<T>::decode(message, value)) {
        malformed(*impl, error, message);
      } else {
        handler(value);
      }
    });
  }
  /// Calls `handler` for every message, before the handlers of on().
  Subscription on_message(MessageHandler handler);
  /// Calls `handler` for every binary message: see Message::bytes().
  Subscription on_binary(MessageHandler handler);
  /// Calls `handler` when a connection has opened.
  Subscription on_open(OpenHandler handler);
  /// Calls `handler` when a connection or an attempt has ended.
  Subscription on_close(CloseHandler handler);
  /// Calls `handler` for every error. Its effect on the connection is reported by on_close.
  Subscription on_error(ErrorHandler handler);
  /// Calls `handler` for every change of state().
  Subscription on_state_change(StateHandler handler);
  /// Calls `handler` for every message that will not be sent.
  Subscription on_drop(DropHandler handler);
  /// Calls `handler` when a message with SendOptions::track has left the platform's send buffer (in
  /// a session, when it was delivered) or was dropped, and when a message with SendOptions::reply
  /// was dropped or its connection has ended without a reply.
  Subscription on_outcome(OutcomeHandler handler);
  /// Calls `handler` when a session has begun, continues on another connection, or is over: see
  /// Options::session.
  Subscription on_session(SessionHandler handler);
  /// Reports every event to `listener`, before its handlers are called. The listener must outlive
  /// the socket.
  void listen(SocketListener& listener);

  /// Returns the current state.
  State state() const;
  /// Returns true if received messages are dispatched: while open, and during the flush of close().
  bool is_receiving() const;
  /// Returns the last error, or no error.
  const Error& error() const;
  /// In State::waiting, returns the time until the next attempt. No value otherwise.
  std::optional<std::chrono::milliseconds> retry_in() const;
  /// Returns measurements and counters.
  Stats stats() const;
  /// Returns the server's system clock now, in a session: measured with every ping, accurate to
  /// half a round trip, and independent of the clock of this machine. Corrections may set it back:
  /// by some milliseconds, or further if the server's clock was set. No value before the first
  /// measurement, and without a session.
  std::optional<std::chrono::sys_time<std::chrono::milliseconds>> server_time() const;
  /// Returns the number of messages in the send queue.
  std::size_t queued_messages() const;
  /// Returns the number of received messages that wait for poll().
  std::size_t inbound_messages() const;
  /// Returns the bytes in the send queue and in the platform's send buffer.
  std::size_t buffered_amount() const;
  /// Returns the subprotocol of the current connection. Empty without a connection or a
  /// subprotocol.
  std::string subprotocol() const;

 private:
  friend struct detail::LogMaker;
  class Impl;

  std::string_view type_member() const;
  std::string_view id_member() const;
  /// Reports a message that cannot be encoded as a drop.
  SendResult refuse(Payload payload);
  std::string new_request_id();
  /// `payload` has no value if the value cannot be encoded.
  void send_request(std::optional<Payload> payload, const std::string& id, Handler<Reply> handler,
                    const RequestOptions& options);
  /// A handler could not decode the message that is being dispatched.
  static void malformed(Impl& impl, const Error& error, const Message& message);

  std::unique_ptr<Runtime> owned_runtime_;
  /// Reference-counted: held by this and by each of its running calls.
  Impl* impl_;
};

}  // namespace steady
