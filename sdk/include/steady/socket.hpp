#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "steady/close_info.hpp"
#include "steady/codec.hpp"
#include "steady/error.hpp"
#include "steady/message.hpp"
#include "steady/options.hpp"
#include "steady/payload.hpp"
#include "steady/runtime.hpp"
#include "steady/send_options.hpp"
#include "steady/send_result.hpp"
#include "steady/state.hpp"
#include "steady/stats.hpp"
#include "steady/subscription.hpp"

namespace steady {

/// The socket went from one State to another.
struct StateChange {
  /// The one that it is in now.
  State state = State::idle;
  /// The one before.
  State previous = State::idle;
  /// In State::waiting: how long until the next attempt. 0 otherwise.
  std::chrono::milliseconds retry_in{0};
  /// In State::waiting, suspended and closed: how the last connection or attempt ended.
  CloseInfo last_close = {};
};

/// What to say when closing.
struct CloseOptions {
  /// 1000 or 3000-4999; none sends a close frame without a code.
  std::optional<std::uint16_t> code = {};
  /// At most 123 bytes of UTF-8. Not sent without a code.
  std::string_view reason = {};
  /// First waits until everything that was sent has left the platform's buffer, over as many
  /// connections as that takes. Nothing more is taken meanwhile.
  bool flush = false;
  /// The longest that the flush takes; what still waits then is dropped. More than 0; at most a
  /// day.
  std::chrono::milliseconds deadline{5'000};
};

/// The first member found out of its range, or no error.
/// Errors: invalid_close_code, invalid_close_reason, invalid_option.
Error validate(const CloseOptions& options);

/// Hears everything that a Socket tells, a virtual call each: for what stands between a Socket and
/// its users, such as bindings to another language. Called from the event loop, with
/// Dispatch::queued, too. Programs have Socket::on_open and its like.
class SocketListener {
 public:
  /// As the handlers of Socket.
  virtual void on_open() = 0;
  /// A connection has ended, or an attempt.
  virtual void on_close(const CloseInfo& info) = 0;
  /// Something went wrong. What follows is told by the other events.
  virtual void on_error(const Error& error) = 0;
  /// The state is another one.
  virtual void on_state_change(const StateChange& change) = 0;
  /// A message will not be sent. Once for each.
  virtual void on_drop(const Drop& drop) = 0;
  /// What became of a message that was sent with SendOptions::track.
  virtual void on_outcome(const Outcome& outcome) = 0;
  /// What Socket::drained() without a handler has asked for.
  virtual void on_drained(const Error& error) { static_cast<void>(error); }

 protected:
  ~SocketListener() = default;
};

/// One logical connection that stays up, over as many real ones as it takes.
///
/// Handlers are called from the event loop only (with Dispatch::queued from poll() only), never
/// from inside another call of the Socket. They may subscribe, unsubscribe, send, close, and
/// destroy the Socket. After the destructor nothing is called any more. All calls come from one
/// thread.
///
/// Handlers must not throw, nor what Options ask (provider, greet, decide): an exception
/// that leaves one ends the program (std::terminate). A web program that is compiled with
/// exceptions is not stopped, and its socket is then in no defined state.
class Socket {
 public:
  /// Hears a message, which is valid while it runs.
  using MessageHandler = std::function<void(const Message&)>;
  /// Hears that a connection is open.
  using OpenHandler = std::function<void()>;
  /// Hears of the end of a connection.
  using CloseHandler = std::function<void(const CloseInfo&)>;
  /// Hears of what went wrong.
  using ErrorHandler = std::function<void(const Error&)>;
  /// Hears of another state.
  using StateHandler = std::function<void(const StateChange&)>;
  /// Hears of a message that will not be sent.
  using DropHandler = std::function<void(const Drop&)>;
  /// Hears what became of a message.
  using OutcomeHandler = std::function<void(const Outcome&)>;
  /// Hears that nothing waits any more, or why it does not end.
  using DrainedHandler = std::function<void(const Error&)>;

  /// Runs on the platform's own Runtime: that of the web, or natively a native::NativeRuntime,
  /// without which (STEADYSOCKET_NATIVE) this does not link. If `options` are refused the socket is
  /// closed: see error().
  explicit Socket(Options options);
  /// Runs on `runtime`, which must outlive the socket.
  Socket(Options options, Runtime& runtime);
  /// Runs on `runtime` and owns it.
  Socket(Options options, std::unique_ptr<Runtime> runtime);
  /// The same without a copy of the options, for bindings, which read messages themselves: see
  /// heartbeat_answered().
  Socket(std::unique_ptr<Runtime> runtime, std::unique_ptr<Options> options);
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  /// Abandons the connection. Messages that wait are dropped without a report.
  ~Socket();

  /// Makes the first attempt, or in State::waiting and State::suspended the next one now. No effect
  /// while connecting or open. Errors: invalid_state when closing or closed; those of
  /// Transport::open.
  Error connect();
  /// Begins anew, whatever the state: a connection is given up for a new one, a wait ends, a closed
  /// socket opens again, and attempts are counted from zero. An attempt under way goes on.
  /// `farewell` is what the server is told with the end of the old connection; nothing is flushed.
  /// Errors: those of the options, if they were refused; those of close() and of Transport::open.
  Error reconnect(const CloseOptions& farewell = {});
  /// Gives up the connection or the attempt, and makes none until resume(), connect() or
  /// reconnect(). What is sent waits. Errors: invalid_state when closing or closed.
  Error suspend();
  /// In State::suspended: makes an attempt now. No effect otherwise.
  /// Errors: invalid_state when closing or closed; those of Transport::open.
  Error resume();

  /// Sends text: now if the connection can take it, otherwise when it can. Order is kept. Text that
  /// is not valid UTF-8 is rejected, DropReason::refused: send bytes as a binary message.
  SendResult send(std::string_view text, const SendOptions& options = {});
  /// Sends a binary message in the same way: any contiguous range of std::byte.
  SendResult send(std::span<const std::byte> bytes, const SendOptions& options = {});
  /// The same, from any contiguous range of unsigned char: std::vector<std::uint8_t>, an array.
  template <detail::ConvertsToOctets T>
  SendResult send(const T& bytes, const SendOptions& options = {}) {
    return send(std::as_bytes(std::span<const unsigned char>(bytes)), options);
  }
  /// Sends `size` bytes from `data` on as a binary message, whatever they are.
  SendResult send_binary(const void* data, std::size_t size, const SendOptions& options = {});
  /// Sends a payload in the same way.
  SendResult send(Payload payload, const SendOptions& options = {});
  /// Sends a value in the same way, as its Codec encodes it.
  template <detail::SentByCodec T>
  SendResult send(const T& value, const SendOptions& options = {}) {
    static_assert(Encodable<T>,
                  "There is no steady::Codec that encodes this type. For JSON include "
                  "<steady/json.hpp>, and give the type a to_json. For bytes call send_binary, or "
                  "send std::as_bytes(std::span(value)).");
    return send(Codec<T>::encode(value), options);
  }

  /// The message that HeartbeatOptions::reply names has come. To be called by bindings that read
  /// messages themselves, while Grant::seeks_reply is set; a Socket with public Options finds it
  /// itself. No effect if no ping is out.
  void heartbeat_answered();

  /// Lets happen what is due, where the platform has no event loop of its own (Runtime::poll), and
  /// with Dispatch::queued calls the handlers of what has happened since the last time, in order:
  /// to be called once a frame. What handlers make happen is for the next call. No effect from
  /// inside a handler. With Dispatch::immediate a budget has no effect.
  /// Answers how many messages were told of those that waited.
  std::size_t poll(const PollBudget& budget = {});

  /// Takes a message back that still waits: DropReason::cancelled. False if it does not.
  bool cancel(std::uint32_t id);
  /// The reply to a message with SendOptions::reply has come, or is not waited for any more:
  /// nothing more is told of the message. False if it was not sent, or is not waited for.
  bool answered(std::uint32_t id);

  /// Calls `handler` once, when nothing waits any more, neither in the queue nor in the platform's
  /// buffer; or with invalid_state when the socket is closed before that. An empty one tells the
  /// listener: SocketListener::on_drained.
  void drained(DrainedHandler handler);

  /// Closes. What waits is handed over first if the connection is open, otherwise dropped and
  /// reported; or see CloseOptions::flush. No effect when closing or closed, except that a close
  /// without a flush ends one.
  /// Errors: invalid_close_code, invalid_close_reason, invalid_option; nothing has happened then.
  Error close(const CloseOptions& options = {});

  /// Calls `handler` for text messages that are JSON objects whose routing member is the string
  /// `type`; with "*" for those of every type. Only as much of a text is read as finding the member
  /// takes: the rest may be malformed. The first of duplicate members decides.
  Subscription on(std::string_view type, MessageHandler handler);
  /// Calls `handler` for the same messages, with what their Codec decodes: on<Hit>("hit", …). One
  /// that does not decode is not handed over: it is told by on_error, as malformed_message, once.
  template <class T>
  Subscription on(std::string_view type, std::function<void(const T&)> handler) {
    static_assert(Decodable<T>,
                  "There is no steady::Codec that decodes this type. For JSON include "
                  "<steady/json.hpp>, and give the type a from_json.");
    return on_decoded(type, [handler = std::move(handler)](const Message& message) {
      T value{};
      Error error = Codec<T>::decode(message, value);
      if (!error) handler(value);
      return error;
    });
  }
  /// Calls `handler` for every message, before those of on().
  Subscription on_message(MessageHandler handler);
  /// Calls `handler` for binary messages: see Message::bytes().
  Subscription on_binary(MessageHandler handler);
  /// A connection is up.
  Subscription on_open(OpenHandler handler);
  /// A connection, or an attempt, has ended.
  Subscription on_close(CloseHandler handler);
  /// Something failed. What that means for the connection is told by on_close.
  Subscription on_error(ErrorHandler handler);
  /// Every change of state().
  Subscription on_state_change(StateHandler handler);
  /// A message will not be sent.
  Subscription on_drop(DropHandler handler);
  /// A message with SendOptions::track has left this machine, or was dropped; or one with
  /// SendOptions::reply was dropped, or its connection has ended without a reply.
  Subscription on_outcome(OutcomeHandler handler);
  /// Tells `listener` of every event, before the handlers of it. It must outlive the socket.
  void listen(SocketListener& listener);

  /// Where it is in its life.
  State state() const;
  /// Messages are told: while open, and during the flush of a close().
  bool is_receiving() const;
  /// The last error, or none.
  const Error& error() const;
  /// How long until the next attempt, in State::waiting.
  std::optional<std::chrono::milliseconds> retry_in() const;
  /// What it has done so far.
  Stats stats() const;
  /// Messages that wait in the queue.
  std::size_t queued_messages() const;
  /// Received messages that wait for poll().
  std::size_t inbound_messages() const;
  /// Bytes that wait in the queue or in the platform's buffer.
  std::size_t buffered_amount() const;
  /// The subprotocol of the present connection; empty without one.
  std::string subprotocol() const;

 private:
  class Impl;

  /// `handler` says why it could not decode a message.
  Subscription on_decoded(std::string_view type, std::function<Error(const Message&)> handler);

  std::unique_ptr<Runtime> owned_runtime_;
  /// Counts who holds it: this, and every call of it that is running.
  Impl* impl_;
};

}  // namespace steady
