#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "event_dispatcher.hpp"
#include "kernel_port.hpp"
#include "outgoing.hpp"
#include "platform.hpp"
#include "receiver.hpp"
#include "session_frames.hpp"
#include "socket_log.hpp"
#include "socket_part.hpp"
#include "steady/attempt.hpp"
#include "steady/socket.hpp"
#include "texts.hpp"

namespace steady {

/// The C++ shell of a kernel::Kernel: payloads, strings and handlers. Reference-counted: it stays
/// alive during each of its calls, even if a handler destroys the Socket.
class Socket::Impl final : public detail::LogTarget,
                           public detail::PlatformListener,
                           public detail::AttemptListener,
                           private detail::ReceiverListener,
                           private detail::QuestionListener {
 public:
  Impl(std::unique_ptr<Options>&& options, Runtime& runtime);

  /// Counted reference to an Impl. Not a std::shared_ptr, which links type information of the C++
  /// library into the program.
  class Hold {
   public:
    explicit Hold(Impl& impl) : impl_(impl) { impl_.acquire(); }
    Hold(const Hold& other) : Hold(other.impl_) {}
    Hold& operator=(const Hold&) = delete;
    ~Hold() { impl_.release(); }
    Impl* operator->() const { return &impl_; }

   private:
    Impl& impl_;
  };

  void acquire() override { ++holders_; }
  void release() override {
    if (--holders_ == 0) delete this;
  }

  // --- Calls of the user. No handler runs inside them. ---

  /// Looks for the reply to a ping among received messages.
  void read_replies();
  void start();
  Error attempt(kernel::InputKind kind);
  Error reconnect(const CloseOptions& close_options);
  Error suspend();
  SendResult send(Payload&& payload, const SendOptions& options);
  std::size_t poll(const PollBudget& budget);
  bool cancel(std::uint32_t id);
  bool answered(std::uint32_t id);
  /// See socket_requests.cpp.
  std::string new_request_id();
  void request(std::optional<Payload>&& payload, const std::string& id, Handler<Reply>&& handler,
               const RequestOptions& options);
  SendResult refuse(Payload&& payload);
  void drained(DrainedHandler&& handler);
  void delivered(DeliveredHandler&& handler);
  Error close(const CloseOptions& options);
  void heartbeat_answered();
  /// Called by ~Socket. No callback runs after this.
  void shut_down();

  /// Called with each new subscription to messages.
  Subscription after_subscribing(Subscription&& subscription);
  detail::Receiver& receiver() { return receiver_; }
  detail::Handlers& handlers() { return events_.handlers(); }
  void listen(SocketListener& listener);

  const Options& options() const { return options_; }
  State state() const { return kernel_->state(); }
  bool is_receiving() const { return kernel_->is_receiving(); }
  const Error& error() const { return error_; }
  std::optional<std::chrono::milliseconds> retry_in() const;
  Stats stats() const;
  std::optional<std::chrono::sys_time<std::chrono::milliseconds>> server_time() const;
  std::size_t queued_messages() const { return kernel_->queued_messages(); }
  std::size_t buffered_amount() const {
    return static_cast<std::size_t>(kernel_->queued_bytes()) + platform_.buffered_amount();
  }
  std::string subprotocol() const;

  // --- Events of the platform. Called from the event loop. ---

  void on_open(Generation attempt) override;
  bool on_message(Generation attempt, Inbound& message) override;
  void on_error(Generation attempt, const Error& error) override;
  void on_close(Generation attempt, CloseInfo info) override;
  void on_timer() override;
  void on_hint(Hint hint) override;

  // --- Replies of the user: see ConnectReply and Greeting. ---

  void provided(Generation attempt, ConnectDetails&& details) override;
  bool send_first(Generation attempt, Payload&& payload) override;
  void greeted(Generation attempt) override;
  void fail_attempt(Generation attempt, Error&& error) override;

 private:
  double input(const kernel::Input& input) { return input_at(platform_.moment(input.kind), input); }
  double input_at(const kernel::Moment& moment, const kernel::Input& input);
  double feed(const kernel::Input& input) { return feed_at(platform_.moment(input.kind), input); }
  double feed_at(const kernel::Moment& moment, const kernel::Input& input);
  void report_sent(const kernel::Moment& moment);
  bool on_session_message(Generation attempt, detail::SessionInbound& message);
  void on_control(Generation attempt, std::string_view frame);
  void count_handled();
  void send_control(std::string_view frame);
  bool send_on_credit(Payload& payload);
  void renew_credit(std::size_t buffered);
  bool is_kept(std::uint32_t flags) const;
  void drain();
  void carry_out(const kernel::Command& command);
  void dial(Generation attempt);
  void change_answer(double answer);
  void transmit(std::uint32_t handle, std::uint32_t bits, double number);
  double send_message(const kernel::Moment& moment, const kernel::Input& input,
                      std::uint32_t handle, std::uint32_t flags);
  void grant(std::uint32_t bits, double credit);
  void decide(const CloseInfo& info);
  double ask_to_decide(const CloseInfo& info) const noexcept;
  CloseInfo ending_of(const kernel::Command& command) const;

  void report(const Error& error) override;
  Error reported(Error error);

  friend struct detail::LogMaker;
  class LogPart;
  class RequestsPart;
  RequestsPart& requests();
  void after_call();
  void post_turn();
  void deliver() override;
  void ask_for_details(Generation attempt) override;
  void ask_to_greet(Generation attempt) override;

  bool receives(Generation attempt) const override {
    return !is_gone_ &&
           (kernel_->is_open(attempt) || (is_handling_frame_ && state() < State::closing));
  }
  bool is_batching() const override { return kernel_->is_batching(); }
  bool seeks_reply() const override;
  void reply_received() override { heartbeat_answered(); }
  void hold_delivery(bool does) override { events_.hold(does); }
  void message_handled() override { count_handled(); }
  void inbound_full() override;
  void inbound_drained() override;

  /// The message of the current call of send() or Greeting::send().
  struct Sending {
    std::uint32_t handle = 0;
    /// Return value: see InputKind::send.
    double answer = 0;
  };

  std::uint32_t holders_ = 0;
  const std::unique_ptr<const Options> owned_options_;
  const Options& options_ = *owned_options_;
  /// Error of the options, or no error.
  const Error refusal_;
  Error error_;
  detail::KernelPort kernel_;
  detail::Platform platform_;
  detail::Receiver receiver_;
  detail::EventDispatcher events_;
  /// Created by the first request.
  std::unique_ptr<detail::SocketPart> requests_;
  detail::SessionFrames session_;
  detail::Outgoing outgoing_;
  /// Null without Options::log.
  const std::unique_ptr<detail::SocketLog> log_;
  /// The beginning of a received message: see SessionInbound.
  InboundBuffer received_beginning_;

  /// Parameters of the next attempt.
  ConnectRequest request_;
  detail::Texts texts_;
  CloseInfo last_close_;
  /// Error of Transport::open() in the current call.
  Error open_error_;
  Sending sending_;

  bool is_turn_posted_ = false;
  bool is_polling_ = false;
  /// A numbered frame is dispatched: as a whole, also if its connection ends meanwhile.
  bool is_handling_frame_ = false;
  /// The Socket was destroyed. Calls that are still running must not use the Runtime.
  bool is_gone_ = false;
};

}  // namespace steady
