#include "steady/socket.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "audience.hpp"
#include "backoff.hpp"
#include "batch_reader.hpp"
#include "close_policy.hpp"
#include "event_queue.hpp"
#include "handlers.hpp"
#include "heartbeat.hpp"
#include "inbox.hpp"
#include "router.hpp"
#include "send_queue.hpp"
#include "state_table.hpp"
#include "validate.hpp"

namespace steady {

using detail::Action;
using detail::Input;
using std::chrono::milliseconds;

namespace {

/// How often a queue that waits for the platform's buffer looks at it. Browsers tell no other way.
constexpr milliseconds drain_interval{20};

}  // namespace

/// Policy: what to do when. Lives for as long as one of its calls is running, even if a handler
/// destroys the Socket.
class Socket::Impl final : public TransportListener {
 public:
  Impl(Options&& options, Runtime& runtime)
      : runtime_(runtime),
        error_(validate(options)),
        request_{std::move(options.url), std::move(options.subprotocols)},
        options_(std::move(options)),
        backoff_(options_.reconnect),
        queue_(options_.queue) {
    if (options_.heartbeat) heartbeat_.emplace(*options_.heartbeat);
  }

  /// Keeps an Impl. Not a std::shared_ptr, which brings the type information of the C++ library
  /// into the package: more than a tenth of its WebAssembly.
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

  void acquire() { ++holders_; }
  void release() {
    if (--holders_ == 0) delete this;
  }

  // --- Calls of the user. No handler runs inside them. ---

  void start() {
    if (error_) {
      report(error_);
      close_info_ = {close_code::abnormal, error_.message, false, false};
      step(Input::close);
    } else if (options_.start == Start::at_once) {
      step(Input::connect);
    }
    settle();
  }

  Error connect() {
    if (state_ == State::closing || state_ == State::closed) {
      return {ErrorCode::invalid_state, "the socket is closed"};
    }
    open_error_ = {};
    step(Input::connect);
    settle();
    return std::exchange(open_error_, {});
  }

  TransportSend send_now(const Payload& payload) {
    if (!can_send_now() || may_batch(payload)) return TransportSend::not_open;
    const TransportSend result = hand_over(payload);
    settle();
    return result;
  }

  SendResult send(Payload payload) {
    if (state_ == State::closing || state_ == State::closed) {
      return reject(DropReason::closed, std::move(payload));
    }
    // What is being joined makes room.
    if (batching_ && !queue_.fits(payload.size())) flush(FlushUntil::high_water);
    if (can_send_now() && !(may_batch(payload) && queue_.fits(payload.size()))) {
      switch (hand_over_alone(payload)) {
        case TransportSend::taken:
          settle();
          return {SendStatus::sent, DropReason::none, 0};
        case TransportSend::refused:
          return reject(DropReason::refused, std::move(payload));
        case TransportSend::not_open:
          break;
      }
    }
    if (!queue_.fits(payload.size())) return reject(DropReason::queue_full, std::move(payload));
    const std::uint32_t id = next_id_++;
    queue_.push(id, std::move(payload));
    if (batching_ && drain_timer_ == 0) {
      fill_frame();
    } else {
      watch_drain();
    }
    settle();
    return {SendStatus::queued, DropReason::none, id};
  }

  Error close(const CloseOptions& options) {
    if (Error error = detail::validate_close(options)) return error;
    if (state_ == State::closing || state_ == State::closed) return {};
    // Holds if there is no connection to close; otherwise the transport will say how it went.
    close_info_ = {options.code.value_or(close_code::no_status),
                   std::string(options.code ? options.reason : std::string_view()),
                   /*was_clean=*/true, /*will_retry=*/false};
    step(Input::close);
    settle();
    return {};
  }

  Subscription on(std::string_view type, MessageHandler handler) {
    Subscription subscription = router().on(type, std::move(handler));
    settle();
    return subscription;
  }
  Subscription on_message(MessageHandler handler) {
    Subscription subscription = router().on_message(std::move(handler));
    settle();
    return subscription;
  }
  Subscription on_decoded(std::string_view type, std::function<Error(const Message&)> handler) {
    return on(type, [this, subscribed = std::string(type),
                     handler = std::move(handler)](const Message& message) {
      Error error = handler(message);
      if (!error || malformed_) return;
      malformed_ = {error.code, "\"" + subscribed + "\": " + error.message};
    });
  }
  detail::Handlers& handlers() {
    if (!handlers_) handlers_ = std::make_unique<detail::Handlers>();
    return static_cast<detail::Handlers&>(*handlers_);
  }
  void listen(SocketListener& listener) { listener_ = &listener; }

  State state() const { return state_; }
  const Error& error() const { return error_; }

  std::optional<milliseconds> retry_in() const {
    if (state_ != State::waiting) return std::nullopt;
    return std::max(milliseconds::zero(), retry_at_ - runtime_.now());
  }

  Stats stats() const { return {heartbeat_ ? heartbeat_->round_trip() : std::nullopt}; }

  std::size_t queued_messages() const { return queue_.size(); }

  std::size_t buffered_amount() const {
    return queue_.bytes() + (transport_ ? transport_->buffered_amount() : 0);
  }

  std::string subprotocol() const {
    return state_ == State::open ? transport_->subprotocol() : std::string();
  }

  /// The Socket is gone: nobody hears anything any more.
  void shut_down() {
    abandon();
    state_ = State::closed;
    events_.clear();
    if (router_) router_->clear();
    if (handlers_) handlers_->clear();
    listener_ = nullptr;
  }

  // --- Calls of the transport, from the event loop. ---

  void on_open(Generation generation) override {
    if (generation != generation_) return;
    const Hold self(*this);
    step(Input::opened);
    deliver();
  }

  bool on_message(Generation generation, Inbound& message) override {
    if (!receives(generation)) return false;
    heard();
    if (!router_ && events_.empty()) return true;
    const Hold self(*this);
    deliver();
    // What was told before the message may have ended the connection.
    if (!receives(generation)) return false;
    if (router_) (this->*receive_)(generation, message);
    return true;
  }

  void on_error(Generation generation, const Error& error) override {
    if (generation != generation_) return;
    const Hold self(*this);
    if (error.code == ErrorCode::blocked) hopeless_ = true;
    report(error);
    deliver();
  }

  void on_close(Generation generation, CloseInfo info) override {
    if (generation != generation_) return;
    const Hold self(*this);
    connection_ended(std::move(info));
    deliver();
  }

 private:
  // --- The state machine: state_table.hpp says what happens, these say how. ---

  void step(Input input) {
    const detail::Transition transition = detail::transition(state_, input);
    if (transition.ignored) return;
    const State previous = std::exchange(state_, transition.next);
    if (state_ != previous) tell_state(previous);
    perform(transition.action);
  }

  void perform(Action action) {
    switch (action) {
      case Action::none:
        break;
      case Action::start_attempt:
        start_attempt();
        break;
      case Action::begin_session:
        begin_session();
        break;
      case Action::schedule_retry:
        retry_timer_ = after(retry_at_ - runtime_.now(), Input::retry_due);
        break;
      case Action::drain:
        drain_timer_ = 0;
        flush(FlushUntil::high_water);
        break;
      case Action::look:
        look();
        break;
      case Action::begin_close:
        begin_close();
        break;
      case Action::abandon_attempt:
        fail({ErrorCode::connect_timeout, "no answer within the connect timeout"});
        break;
      case Action::abandon_session:
        fail({ErrorCode::heartbeat_timeout, "no answer within the heartbeat timeout"});
        break;
      case Action::finish:
        finish();
        break;
    }
  }

  void start_attempt() {
    cancel(retry_timer_);
    request_.generation = ++generation_;
    transport_ = runtime_.make_transport();
    if (Error error = transport_->open(request_, *this)) {
      // What the platform refuses at once it will refuse again.
      hopeless_ = true;
      open_error_ = error;
      fail(error);
      return;
    }
    connect_timer_ = after(options_.connect_timeout, Input::connect_overdue);
  }

  void begin_session() {
    cancel(connect_timer_);
    opened_at_ = runtime_.now();
    transport_takes_ = true;
    unread_buffered_ = 0;
    batching_ = options_.batch && (options_.batch->subprotocol.empty() ||
                                   options_.batch->subprotocol == transport_->subprotocol());
    if (heartbeat_) {
      heard_ = false;
      heartbeat_->begin(opened_at_);
      look_later();
    }
    events_.push(std::make_unique<detail::OpenEvent>());
    if (options_.first_message &&
        hand_over(Payload::text(*options_.first_message)) == TransportSend::refused) {
      report({ErrorCode::invalid_option, "the platform refused the first message"});
    }
    flush(FlushUntil::high_water);
  }

  void begin_close() {
    cancel(connect_timer_);
    cancel(heartbeat_timer_);
    if (transport_takes_) flush(FlushUntil::empty);
    close_timer_ = after(options_.close_timeout, Input::close_overdue);
    const bool with_code = close_info_.code != close_code::no_status;
    transport_->close(with_code ? close_info_.code : 0, close_info_.reason);
    // Holds unless the transport tells otherwise in time.
    close_info_ = {close_code::abnormal, "no answer to close", false, false};
  }

  void finish() {
    abandon();
    events_.push(std::make_unique<detail::CloseEvent>(close_info_));
    while (!queue_.empty()) drop(DropReason::closed, queue_.pop());
  }

  /// A connection or an attempt is over because of `error`.
  void fail(const Error& error) {
    report(error);
    connection_ended({close_code::abnormal, error.message, false, false});
  }

  /// A connection or an attempt is over. Decides whether another one follows.
  void connection_ended(CloseInfo&& info) {
    const bool was_closing = state_ == State::closing;
    if (state_ == State::open && runtime_.now() - opened_at_ >= options_.reconnect.stable_after) {
      backoff_.reset();
    }
    abandon();
    info.will_retry =
        !was_closing && !hopeless_ && !detail::is_fatal(info.code) && backoff_.may_retry();
    close_info_ = std::move(info);
    if (!close_info_.will_retry) {
      step(Input::ended);
      return;
    }
    retry_at_ = runtime_.now() + backoff_.next(runtime_.random());
    step(Input::lost);
    events_.push(std::make_unique<detail::CloseEvent>(close_info_));
  }

  /// Drops the transport and every timer. Its late events are of an old generation from now on.
  void abandon() {
    cancel(connect_timer_);
    cancel(retry_timer_);
    cancel(close_timer_);
    cancel(drain_timer_);
    cancel(heartbeat_timer_);
    ++generation_;
    transport_takes_ = false;
    batching_ = false;
    grant_ = {};
    transport_.reset();
  }

  // --- Liveness: see HeartbeatOptions. ---

  void look_later() {
    cancel(heartbeat_timer_);
    heartbeat_timer_ = after(heartbeat_->next_look(), Input::look_due);
  }

  void look() {
    const bool unshown = transport_->take_heard();
    const bool heard = std::exchange(heard_, false) || unshown;
    const std::size_t buffered = transport_->buffered_amount();
    const bool moves = buffered < std::exchange(buffered_at_look_, buffered);
    switch (heartbeat_->look(runtime_.now(), heard, moves)) {
      case detail::Heartbeat::Verdict::dead:
        step(Input::silent);
        return;
      case detail::Heartbeat::Verdict::ping:
        hand_over(Payload::text(options_.heartbeat->message));
        break;
      case detail::Heartbeat::Verdict::wait:
        break;
    }
    look_later();
  }

  /// A message has come.
  void heard() {
    heard_ = true;
    if (!heartbeat_ || !heartbeat_->awaits_answer()) return;
    heartbeat_->answered(runtime_.now());
    look_later();
    settle();
  }

  // --- Sending. ---

  enum class FlushUntil : std::uint8_t { high_water, empty };

  /// True if nothing waits and the platform can have more.
  bool can_send_now() {
    return state_ == State::open && transport_takes_ && queue_.empty() && below_high_water();
  }

  TransportSend hand_over(const Payload& payload) {
    return account(transport_->send(payload), payload.size());
  }

  TransportSend account(TransportSend result, std::size_t size) {
    if (result == TransportSend::taken) unread_buffered_ += size;
    credit_is_out_ = false;
    if (result == TransportSend::not_open) transport_takes_ = false;
    return result;
  }

  void flush(FlushUntil until) {
    while (!queue_.empty() && transport_takes_ &&
           (until == FlushUntil::empty || below_high_water())) {
      const Frame frame = next_frame();
      const TransportSend result = hand_over_frame(frame);
      if (result == TransportSend::not_open) return;
      for (std::size_t left = frame.messages; left > 0; --left) {
        auto entry = queue_.pop();
        if (result == TransportSend::refused) drop(DropReason::refused, std::move(entry));
      }
    }
    watch_drain();
  }

  // --- Batches: see BatchOptions. ---

  bool may_batch(const Payload& payload) const { return batching_ && payload.is_json(); }

  /// A message was added: a frame that is full goes at once, another one when this task is over.
  void fill_frame() {
    if (queue_.size() >= options_.batch->max_messages ||
        queue_.bytes() >= options_.batch->max_bytes) {
      flush(FlushUntil::high_water);
    } else {
      post_turn();
    }
  }

  /// What leaves as one message.
  struct Frame {
    std::size_t messages = 0;
    /// On the wire.
    std::size_t size = 0;
  };

  /// Of the queue.
  Frame next_frame() const {
    Frame frame;
    const bool is_external = queue_.front().is_external();
    for (const auto& [id, payload] : queue_.entries()) {
      const bool joins = may_batch(payload) && payload.is_external() == is_external &&
                         frame.messages < options_.batch->max_messages &&
                         frame.size + payload.size() + 2 <= options_.batch->max_bytes;
      if (frame.messages > 0 && !joins) break;
      ++frame.messages;
      frame.size += payload.size() + 1;
      if (!may_batch(payload)) break;
    }
    return frame;
  }

  TransportSend hand_over_frame(const Frame& frame) {
    const Payload& first = queue_.front();
    if (!may_batch(first)) return hand_over(first);
    std::vector<const Payload*> payloads(frame.messages);
    auto entry = queue_.entries().begin();
    for (const Payload*& payload : payloads) payload = &(entry++)->payload;
    return hand_over_joined(payloads, frame.size);
  }

  TransportSend hand_over_alone(const Payload& payload) {
    if (!may_batch(payload)) return hand_over(payload);
    const Payload* const alone = &payload;
    return hand_over_joined({&alone, 1}, payload.size());
  }

  TransportSend hand_over_joined(std::span<const Payload* const> payloads, std::size_t size) {
    const Payload& first = *payloads.front();
    if (first.is_external()) return account(transport_->send_batch(payloads), size);
    if (payloads.size() == 1 && !detail::BatchReader::is_batch(first.data())) {
      return hand_over(first);
    }
    std::string text;
    text.reserve(size + 1);
    for (const Payload* const payload : payloads) {
      text += text.empty() ? "[" : ",";
      text += payload->data();
    }
    text += "]";
    return hand_over(Payload::json(std::move(text)));
  }

  /// The amount only ever falls by itself: reading it can wait until what was added since the last
  /// reading could have reached the mark.
  bool below_high_water() {
    if (unread_buffered_ < options_.high_water_mark) return true;
    unread_buffered_ = transport_->buffered_amount();
    return unread_buffered_ < options_.high_water_mark;
  }

  void watch_drain() {
    if (state_ != State::open || !transport_takes_ || queue_.empty() || drain_timer_ != 0) return;
    drain_timer_ = after(drain_interval, Input::drain_due);
  }

  SendResult reject(DropReason reason, Payload&& payload) {
    drop(reason, {0, std::move(payload)});
    settle();
    return {SendStatus::rejected, reason, 0};
  }

  // --- Events: collected while something happens, delivered from the event loop, in order. ---

  void report(const Error& error) {
    error_ = error;
    events_.push(std::make_unique<detail::ErrorEvent>(error));
  }

  void drop(DropReason reason, detail::SendQueue::Entry&& entry) {
    events_.push(
        std::make_unique<detail::DropEvent>(Drop{entry.id, reason, std::move(entry.payload)}));
  }

  void tell_state(State previous) {
    StateChange change{state_, previous, {}, {}};
    if (state_ == State::waiting) change.retry_in = retry_at_ - runtime_.now();
    if (state_ == State::waiting || state_ == State::closed) change.last_close = close_info_;
    events_.push(std::make_unique<detail::StateEvent>(std::move(change)));
  }

  /// At the end of every call: what there is to tell will be told, and what needs no decision is
  /// granted.
  void settle() {
    schedule_delivery();
    if (transport_ && transport_->takes_grants()) update_grant();
  }

  void update_grant() {
    const bool open = state_ == State::open;
    // The answer to a ping is to be seen when it comes.
    const bool awaits = heartbeat_ && heartbeat_->awaits_answer();
    Grant grant{.receive = open && !router_ && events_.empty() && !awaits,
                .batched = open && batching_};
    bool is_new = false;
    if (!open || !transport_takes_ || !queue_.empty() || batching_) {
      credit_is_out_ = false;
    } else if (credit_is_out_ && grant.receive == grant_.receive) {
      // Nothing changes: some of it may be used.
      grant.send_credit = grant_.send_credit;
    } else if (below_high_water()) {
      grant.send_credit = options_.high_water_mark - unread_buffered_;
      // How much of it is used is known when the transport's amount is read again.
      unread_buffered_ = options_.high_water_mark;
      credit_is_out_ = is_new = true;
    }
    if (!is_new && grant == grant_) return;
    grant_ = grant;
    transport_->grant(grant);
  }

  void schedule_delivery() {
    if (!events_.empty() && !delivering_) post_turn();
  }

  /// When this task is over: sends what waits for that, and tells what there is to tell.
  void post_turn() {
    if (turn_posted_) return;
    turn_posted_ = true;
    // Unlike a timer it cannot be cancelled.
    runtime_.post([self = Hold(*this)] {
      self->turn_posted_ = false;
      self->flush(FlushUntil::high_water);
      self->deliver();
    });
  }

  /// The caller holds this object alive.
  void deliver() {
    if (delivering_) return;
    delivering_ = true;
    // What a handler makes happen is told in the next turn: one that sends again whatever was
    // dropped must not stop the event loop.
    for (std::size_t left = events_.size(); left > 0 && !events_.empty(); --left) {
      const auto event = events_.pop();
      if (listener_ != nullptr) event->tell(*listener_);
      if (handlers_) event->tell(*handlers_);
    }
    delivering_ = false;
    settle();
  }

  // --- Receiving. ---

  bool receives(Generation generation) const {
    return generation == generation_ && state_ == State::open;
  }

  detail::Router& router() {
    if (!router_) {
      router_ = std::make_unique<detail::Router>(options_.type_member);
      receive_ = &Impl::receive;
    }
    return static_cast<detail::Router&>(*router_);
  }

  void receive(Generation generation, Inbound& message) {
    const auto framing = batching_ ? detail::Framing::batched : detail::Framing::single;
    Error error = router_->take(message, options_.max_message_bytes, framing);
    bool more = !error;
    while (more && receives(generation)) {
      delivering_ = true;
      more = router_->dispatch_next(error);
      delivering_ = false;
      if (malformed_) report(std::exchange(malformed_, {}));
      deliver();
    }
    router_->finish();
    if (!error) return;
    report(error);
    deliver();
  }

  // --- Timers. abandon() cancels them: they need not hold this object. ---

  TimerId after(milliseconds delay, Input input) {
    return runtime_.start_timer(delay, [this, input] {
      const Hold self(*this);
      step(input);
      deliver();
    });
  }

  void cancel(TimerId& timer) { runtime_.cancel_timer(std::exchange(timer, 0)); }

  std::uint32_t holders_ = 0;
  Runtime& runtime_;
  Error error_;
  /// Has the URL and the subprotocols of the options.
  ConnectRequest request_;
  const Options options_;

  State state_ = State::idle;
  Error open_error_;
  CloseInfo close_info_;
  std::unique_ptr<Transport> transport_;
  Generation generation_ = 0;
  /// The platform has refused: another attempt would fail as well.
  bool hopeless_ = false;
  detail::Backoff backoff_;
  milliseconds opened_at_{0};
  milliseconds retry_at_{0};
  TimerId connect_timer_ = 0;
  TimerId retry_timer_ = 0;
  TimerId close_timer_ = 0;
  TimerId drain_timer_ = 0;
  TimerId heartbeat_timer_ = 0;

  std::optional<detail::Heartbeat> heartbeat_;
  /// A message has come since the last look.
  bool heard_ = false;
  /// The transport's buffered amount at the last look.
  std::size_t buffered_at_look_ = 0;

  detail::SendQueue queue_;
  std::uint32_t next_id_ = 1;
  bool transport_takes_ = false;
  /// What the present transport may do by itself.
  Grant grant_;
  /// Some of its credit may be left.
  bool credit_is_out_ = false;
  /// The transport's buffered amount when last read, and all that was handed over since.
  std::size_t unread_buffered_ = 0;

  /// The present connection's peer has agreed.
  bool batching_ = false;

  /// A Router, once somebody has subscribed.
  std::unique_ptr<detail::Inbox> router_;
  /// What it does with a message. Set with it, so that a program without one does not carry it.
  void (Impl::*receive_)(Generation generation, Inbound& message) = nullptr;
  /// Why a handler could not decode the present message.
  Error malformed_;
  detail::EventQueue events_;
  bool delivering_ = false;
  bool turn_posted_ = false;
  SocketListener* listener_ = nullptr;
  /// Handlers, once somebody has subscribed.
  std::unique_ptr<detail::Audience> handlers_;
};

Socket::Socket(Options options, Runtime& runtime) : impl_(new Impl(std::move(options), runtime)) {
  impl_->acquire();
  impl_->start();
}

Socket::Socket(Options options, std::unique_ptr<Runtime> runtime)
    : owned_runtime_(std::move(runtime)), impl_(new Impl(std::move(options), *owned_runtime_)) {
  impl_->acquire();
  impl_->start();
}

Socket::~Socket() {
  impl_->shut_down();
  impl_->release();
}

Error Socket::connect() { return impl_->connect(); }

SendResult Socket::send(std::string_view text) { return impl_->send(Payload::text(text)); }

SendResult Socket::send(std::span<const std::byte> bytes) {
  return impl_->send(Payload::binary(bytes));
}

SendResult Socket::send(Payload payload) { return impl_->send(std::move(payload)); }

TransportSend Socket::send_now(const Payload& payload) { return impl_->send_now(payload); }

Error Socket::close(const CloseOptions& options) { return impl_->close(options); }

Subscription Socket::on(std::string_view type, MessageHandler handler) {
  return impl_->on(type, std::move(handler));
}

Subscription Socket::on_decoded(std::string_view type,
                                std::function<Error(const Message&)> handler) {
  return impl_->on_decoded(type, std::move(handler));
}

Subscription Socket::on_message(MessageHandler handler) {
  return impl_->on_message(std::move(handler));
}

Subscription Socket::on_open(OpenHandler handler) {
  return impl_->handlers().on_open(std::move(handler));
}

Subscription Socket::on_close(CloseHandler handler) {
  return impl_->handlers().on_close(std::move(handler));
}

Subscription Socket::on_error(ErrorHandler handler) {
  return impl_->handlers().on_error(std::move(handler));
}

Subscription Socket::on_state_change(StateHandler handler) {
  return impl_->handlers().on_state_change(std::move(handler));
}

Subscription Socket::on_drop(DropHandler handler) {
  return impl_->handlers().on_drop(std::move(handler));
}

void Socket::listen(SocketListener& listener) { impl_->listen(listener); }

State Socket::state() const { return impl_->state(); }

const Error& Socket::error() const { return impl_->error(); }

std::optional<milliseconds> Socket::retry_in() const { return impl_->retry_in(); }

Stats Socket::stats() const { return impl_->stats(); }

std::size_t Socket::queued_messages() const { return impl_->queued_messages(); }

std::size_t Socket::buffered_amount() const { return impl_->buffered_amount(); }

std::string Socket::subprotocol() const { return impl_->subprotocol(); }

}  // namespace steady
