#include "steady/socket.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "audience.hpp"
#include "event_queue.hpp"
#include "handlers.hpp"
#include "heartbeat.hpp"
#include "inbox.hpp"
#include "outbox.hpp"
#include "poll_queue.hpp"
#include "reconnect_policy.hpp"
#include "router.hpp"
#include "state_table.hpp"
#include "utf8.hpp"
#include "validate.hpp"

namespace steady {

using detail::Action;
using detail::Input;
using detail::Outbox;
using std::chrono::milliseconds;

namespace {

/// How often a queue that waits for the platform's buffer looks at it. Browsers tell no other way.
constexpr milliseconds drain_interval{20};

/// Without a network, as the platform has it, an attempt is made all the same after this time, or
/// up to twice of it: what the platform says can be wrong.
constexpr milliseconds offline_delay{30'000};

/// What ends so soon after the program is back has ended while it was away: browsers tell of a
/// connection that they have closed in a page's sleep only when the page is awake.
constexpr milliseconds wake_window{1'000};

}  // namespace

/// Policy: what to do when. Lives for as long as one of its calls is running, even if a handler
/// destroys the Socket.
class Socket::Impl final : public TransportListener,
                           public detail::AttemptHost,
                           private detail::OutboxOwner {
 public:
  Impl(std::unique_ptr<Options>&& options, Runtime& runtime)
      : runtime_(runtime),
        error_(validate(*options)),
        is_refused_(error_),
        request_{.url = std::move(options->url),
                 .subprotocols = std::move(options->subprotocols),
                 .headers = std::move(options->headers)},
        first_message_(std::move(options->first_message)),
        owned_options_(std::move(options)),
        policy_(options_.reconnect),
        outbox_(options_, runtime, *this) {
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

  void acquire() override { ++holders_; }
  void release() override {
    if (--holders_ == 0) delete this;
  }

  // --- Calls of the user. No handler runs inside them. ---

  /// The reply to a ping is looked for among the messages that C++ reads.
  void read_replies() {
    if (names_reply()) router();
  }

  void start() {
    if (is_refused_) {
      report(error_);
      end_as(close_code::abnormal, error_.message.c_str(), /*will_retry=*/false);
      step(Input::close);
    } else {
      watch_platform();
      if (options_.start == Start::at_once) step(Input::connect);
    }
    settle();
  }

  Error connect() { return is_over() ? over() : attempt(Input::connect); }
  Error resume() { return is_over() ? over() : attempt(Input::resume); }

  Error reconnect(const CloseOptions& farewell) {
    if (is_refused_) return error_;
    if (Error error = validate(farewell)) return error;
    forget_inbound();
    if (state_ == State::open) {
      // Nothing of it is waited for: the server is told, if it can be.
      outbox_.end(/*may_repeat=*/true);
      transport_->close(farewell.code.value_or(0), farewell.reason);
    }
    hopeless_ = false;
    if (is_leaving_) {
      stop_leaving();
      tell_state();
    }
    policy_.reset(runtime_.now());
    watch_platform();
    end_as(close_code::no_status, "reconnect() was called", /*will_retry=*/true);
    return attempt(Input::reconnect);
  }

  Error suspend() {
    if (is_over()) return over();
    forget_inbound();
    is_suspended_ = true;
    end_as(close_code::no_status, "suspend() was called", /*will_retry=*/true);
    step(Input::suspend);
    settle();
    return {};
  }

  TransportSend send_now(Payload&& payload) {
    if (is_over()) return TransportSend::not_open;
    const TransportSend result = outbox_.send_now(std::move(payload));
    settle();
    return result;
  }

  SendResult send(Payload payload, const SendOptions& options) {
    SendResult result{SendStatus::rejected, DropReason::closed, 0};
    if (is_over()) {
      on_dropped(DropReason::closed, {0, std::move(payload), nullptr});
    } else {
      result = outbox_.send(std::move(payload), options);
    }
    settle();
    return result;
  }

  std::size_t poll(const PollBudget& budget) {
    if (polling_) return 0;
    const Hold self(*this);
    polling_ = true;
    runtime_.poll();
    const std::size_t told = is_gone_ || delivering_ ? 0 : tell_waiting(budget);
    polling_ = false;
    settle();
    return told;
  }

  bool cancel(std::uint32_t id) {
    const bool waited = outbox_.cancel(id);
    settle();
    return waited;
  }

  bool answered(std::uint32_t id) { return outbox_.answered(id); }

  void drained(DrainedHandler&& handler) {
    drained_.emplace<detail::DrainedEvent>(std::move(handler));
    if (state_ == State::closed) tell_drained(over());
    settle();
  }

  Error close(const CloseOptions& options) {
    if (Error error = validate(options)) return error;
    if (state_ == State::closing || state_ == State::closed || (is_leaving_ && options.flush)) {
      return {};
    }
    // Holds if there is no connection to close; otherwise the transport will say how it went.
    farewell_ = {options.code.value_or(close_code::no_status),
                 std::string(options.code ? options.reason : std::string_view()),
                 /*was_clean=*/true, /*will_retry=*/false};
    if (options.flush && state_ != State::idle && !outbox_.is_idle()) {
      is_leaving_ = true;
      leave_timer_ = later(options.deadline, [](Impl& self) { self.say_goodbye(); });
      tell_state();
    } else {
      forget_inbound();
      say_goodbye();
    }
    settle();
    return {};
  }

  Subscription on(std::string_view type, MessageHandler handler) {
    return settled(router().on(type, std::move(handler)));
  }
  Subscription on_message(MessageHandler handler) {
    return settled(router().on_message(std::move(handler)));
  }
  Subscription on_binary(MessageHandler handler) {
    return settled(router().on_binary(std::move(handler)));
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

  /// As it is told: a flush before a close is a part of the close.
  State state() const { return is_leaving_ && state_ != State::closed ? State::closing : state_; }
  bool is_receiving() const { return state_ == State::open; }
  const Error& error() const { return error_; }

  std::optional<milliseconds> retry_in() const {
    if (state_ != State::waiting) return std::nullopt;
    return std::max(milliseconds::zero(), retry_at_ - runtime_.now());
  }

  Stats stats() const {
    return {heartbeat_ ? heartbeat_->round_trip() : std::nullopt,
            is_stable() ? 0 : policy_.retries(), for_poll_.dropped()};
  }

  std::size_t queued_messages() const { return outbox_.messages(); }
  std::size_t inbound_messages() const { return for_poll_.messages(); }

  std::size_t buffered_amount() const {
    return outbox_.bytes() + (transport_ ? transport_->buffered_amount() : 0);
  }

  std::string subprotocol() const {
    return state() == State::open ? transport_->subprotocol() : std::string();
  }

  /// The reply to a ping has come.
  void heartbeat_answered() {
    if (state_ != State::open || !heartbeat_ || !heartbeat_->awaits_answer()) return;
    heartbeat_->answered(runtime_.now());
    look_later();
    settle();
  }

  /// The Socket is gone: nobody hears anything any more.
  void shut_down() {
    is_gone_ = true;
    ended_ = nullptr;
    outbox_.forget();
    outbox_.drop_all(DropReason::closed);
    abandon();
    stop();
    state_ = State::closed;
    events_.clear();
    for_poll_.clear_events();
    drained_.clear();
    forget_inbound();
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
    if (generation != generation_ || state_ != State::open) return false;
    heard();
    if (!router_ && !has_news()) return receives(generation);
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
    if (error.code == ErrorCode::blocked) give_up_hope(error);
    report(error);
    deliver();
  }

  void on_close(Generation generation, CloseInfo info) override {
    if (generation != generation_) return;
    const Hold self(*this);
    connection_ended(std::move(info));
    deliver();
  }

  // --- Answers of the user, to what was asked in ask(). ---

  void provided(Generation attempt, ConnectDetails&& details) override {
    if (!awaits_details(attempt)) return;
    if (Error error = detail::validate_request(details.url, details.subprotocols)) {
      give_up(attempt, std::move(error));
      return;
    }
    if (details.first_message && !detail::is_utf8(*details.first_message)) {
      give_up(attempt, {ErrorCode::invalid_option, "first_message must be valid UTF-8"});
      return;
    }
    request_.url = std::move(details.url);
    request_.subprotocols = std::move(details.subprotocols);
    request_.headers = std::move(details.headers);
    first_message_ = std::move(details.first_message);
    open_transport();
    settle();
  }

  bool send_first(Generation attempt, Payload&& payload) override {
    if (!awaits_ready(attempt)) return false;
    const bool taken = outbox_.send_first(std::move(payload), false) == TransportSend::taken;
    settle();
    return taken;
  }

  void session_ready(Generation attempt) override {
    if (!awaits_ready(attempt)) return;
    stop_timer(connect_timer_);
    stable_since_ = runtime_.now();
    outbox_.release();
    settle();
  }

  void give_up(Generation attempt, Error&& error) override {
    const bool is_awaited =
        error.code == ErrorCode::session_failed ? awaits_ready(attempt) : awaits_details(attempt);
    if (!is_awaited) return;
    failure_ = std::move(error);
    // From the event loop: what follows may ask the user.
    stop_timer(connect_timer_);
    connect_timer_ =
        after(milliseconds::zero(),
              state_ == State::connecting ? Input::attempt_failed : Input::session_failed);
  }

 private:
  // --- The state machine: state_table.hpp says what happens, these say how. ---

  void step(Input input) {
    const detail::Transition transition = detail::transition(state_, input);
    if (transition.ignored) return;
    const State previous = std::exchange(state_, transition.next);
    tell_state();
    perform(transition.action, previous);
  }

  void perform(Action action, State previous) {
    switch (action) {
      case Action::none:
        break;
      case Action::start_over:
        put_down();
        start_attempt();
        break;
      case Action::start_attempt:
        start_attempt();
        break;
      case Action::begin_session:
        begin_session();
        break;
      case Action::stay_away: {
        const double factor = 1 + runtime_.random();
        const double delay = factor * static_cast<double>(offline_delay.count());
        retry_at_ =
            std::max(not_before_, runtime_.now() + milliseconds(static_cast<std::int64_t>(delay)));
        schedule_retry();
        break;
      }
      case Action::schedule_retry:
        schedule_retry();
        break;
      case Action::put_down:
        if (previous == State::connecting || previous == State::open) put_down();
        stop_timer(retry_timer_);
        break;
      case Action::drain:
        drain_timer_ = 0;
        outbox_.look();
        break;
      case Action::look:
        look();
        break;
      case Action::probe:
        probe();
        break;
      case Action::begin_close:
        begin_close();
        break;
      case Action::abandon:
        fail(failure_ ? std::exchange(failure_, {})
             : state_ == State::connecting
                 ? Error{ErrorCode::connect_timeout, "no connection within the connect timeout"}
                 : Error{ErrorCode::session_failed,
                         "the greeting did not finish within the connect timeout"});
        break;
      case Action::finish:
        finish();
        break;
    }
  }

  bool is_over() const { return state() == State::closing || state() == State::closed; }
  static Error over() { return {ErrorCode::invalid_state, "the socket is closed"}; }

  /// A user's call that may start an attempt.
  Error attempt(Input input) {
    open_error_ = {};
    step(input);
    settle();
    return std::exchange(open_error_, {});
  }

  void schedule_retry() {
    stop_timer(retry_timer_);
    retry_timer_ = later(retry_at_ - runtime_.now(), [](Impl& self) {
      self.retry_timer_ = 0;
      // What would be received has no room: go_on_receiving() makes the attempt.
      self.step(self.waits_for_poll() ? Input::suspend : Input::retry_due);
    });
  }

  void start_attempt() {
    report_ended();
    stop_timer(retry_timer_);
    // The time before the first attempt, and what the user has suspended, is not the server's to
    // answer for.
    if (std::exchange(is_suspended_, false) || generation_ == 0) policy_.reset(runtime_.now());
    request_.generation = ++generation_;
    connect_timer_ = after(options_.connect_timeout, Input::attempt_failed);
    if (options_.provider) {
      provider_due_ = true;
    } else {
      open_transport();
    }
  }

  void open_transport() {
    transport_ = runtime_.make_transport();
    Error error = transport_->open(request_, *this);
    if (!error) return;
    transport_.reset();
    give_up_hope(error);
    if (hopeless_) {
      open_error_ = error;
      fail(error);
    } else {
      give_up(generation_, std::move(error));
    }
  }

  /// What the platform has refused it will refuse again, unless it is given another URL.
  void give_up_hope(const Error& error) {
    hopeless_ = !options_.provider || error.code == ErrorCode::not_supported;
  }

  void begin_session() {
    stop_timer(connect_timer_);
    outbox_.begin(*transport_,
                  options_.batch && (options_.batch->subprotocol.empty() ||
                                     options_.batch->subprotocol == transport_->subprotocol()));
    if (heartbeat_) {
      heard_ = false;
      heartbeat_->begin(runtime_.now());
      look_later();
    }
    events_.emplace<detail::OpenEvent>();
    if (first_message_ &&
        outbox_.send_first(Payload::text(*first_message_), true) == TransportSend::refused) {
      report({ErrorCode::invalid_option, "the platform refused the first message"});
    }
    if (options_.begin_session) {
      session_due_ = true;
      connect_timer_ = after(options_.connect_timeout, Input::session_failed);
    } else {
      session_ready(generation_);
    }
  }

  void begin_close() {
    stop_timer(connect_timer_);
    stop_timer(heartbeat_timer_);
    outbox_.flush(Outbox::Until::empty);
    close_timer_ = after(options_.close_timeout, Input::close_overdue);
    const bool with_code = close_info_.code != close_code::no_status;
    transport_->close(with_code ? close_info_.code : 0, close_info_.reason);
    // Holds unless the transport tells otherwise in time.
    end_as(close_code::abnormal, "the server did not answer the close frame", /*will_retry=*/false);
  }

  /// Closes, after the flush if there is one.
  void say_goodbye() {
    stop_leaving();
    // If a connection has just ended, it is the end of it that is told.
    close_info_ = ended_ != nullptr ? CloseInfo(*ended_) : farewell_;
    // Where there is no transport yet there is nothing to close.
    step(state_ == State::connecting && !transport_ ? Input::ended : Input::close);
  }

  void stop_leaving() {
    is_leaving_ = false;
    stop_timer(leave_timer_);
  }

  void finish() {
    outbox_.end(/*may_repeat=*/false);
    abandon();
    stop();
    // close() made it the end that `decide` is being asked about.
    ended_ = nullptr;
    events_.emplace<detail::CloseEvent>(close_info_);
    outbox_.drop_all(DropReason::closed);
    tell_drained(over());
  }

  /// What is told of an end that no peer speaks of.
  void end_as(std::uint16_t code, const char* reason, bool will_retry) {
    close_info_.code = code;
    close_info_.reason = reason;
    close_info_.was_clean = false;
    close_info_.will_retry = will_retry;
  }

  /// What goes on over several connections.
  void stop() {
    stop_leaving();
    stop_timer(expiry_timer_);
    runtime_.unwatch(std::exchange(watch_, 0));
  }

  /// A connection or an attempt is over because of `error`.
  void fail(const Error& error) {
    report(error);
    connection_ended({close_code::abnormal, error.message, false, false});
  }

  /// A connection or an attempt is over because the user wants it so, and not for good.
  void put_down() {
    outbox_.end(/*may_repeat=*/true);
    abandon();
    events_.emplace<detail::CloseEvent>(close_info_);
  }

  bool is_stable() const {
    return stable_since_ && runtime_.now() - *stable_since_ >= options_.reconnect.stable_after;
  }

  /// A connection or an attempt is over. Decides whether another one follows.
  void connection_ended(CloseInfo&& info) {
    const bool is_last = state_ == State::closing || hopeless_;
    const bool was_stable = is_stable();
    const bool was_away = woke_at_ && runtime_.now() - *woke_at_ < wake_window;
    if (was_stable) policy_.reset(runtime_.now());
    outbox_.end(!is_last);
    abandon();

    std::optional<CloseAction> word;
    if (!is_last && options_.reconnect.decide) {
      // It finds the socket in a state in which it may do anything with it.
      const State before = std::exchange(state_, State::waiting);
      const Generation asked = generation_;
      retry_at_ = runtime_.now();
      ended_ = &info;
      word = decide(info);
      if (state_ != State::waiting || generation_ != asked) {
        report_ended();
        return;
      }
      ended_ = nullptr;
      state_ = before;
    }

    CloseAction action = is_last ? CloseAction::fatal : policy_.action_for(info, word);
    if (was_away && action == CloseAction::retry) action = CloseAction::at_once;
    std::optional<detail::ReconnectPolicy::Retry> retry;
    if (action != CloseAction::fatal) {
      retry = policy_.next(action, info, was_stable || was_away, runtime_.now(), runtime_.random());
      // Who wants no second attempt has not given up.
      if (!retry && options_.reconnect.max_attempts > 0) {
        report({ErrorCode::gave_up, policy_.gave_up_why()});
      }
    }
    info.will_retry = retry.has_value();
    close_info_ = std::move(info);
    if (!retry) {
      step(Input::ended);
      return;
    }
    retry_delay_ = retry->delay;
    retry_at_ = runtime_.now() + retry_delay_;
    not_before_ = retry->is_asked_for ? retry_at_ : milliseconds::zero();
    step(is_offline_ ? Input::stranded : Input::lost);
    events_.emplace<detail::CloseEvent>(close_info_);
  }

  /// Asks the user. What is thrown ends the program: see Socket.
  std::optional<CloseAction> decide(const CloseInfo& info) const noexcept {
    return options_.reconnect.decide(info);
  }

  /// Reports the end that `decide` is being asked about, unless that was done: another attempt
  /// follows, or may.
  void report_ended() {
    if (ended_ == nullptr) return;
    CloseInfo& info = *std::exchange(ended_, nullptr);
    info.will_retry = true;
    events_.emplace<detail::CloseEvent>(std::move(info));
  }

  /// Drops the transport and its timers. Its late events are of an old generation from now on.
  void abandon() {
    stop_timer(connect_timer_);
    stop_timer(retry_timer_);
    stop_timer(close_timer_);
    stop_timer(drain_timer_);
    stop_timer(heartbeat_timer_);
    ++generation_;
    hopeless_ = provider_due_ = session_due_ = false;
    failure_ = {};
    stable_since_.reset();
    woke_at_.reset();
    grant_ = {};
    transport_.reset();
  }

  // --- What the platform notices. ---

  void watch_platform() {
    if (watch_ != 0) return;
    // What it was when nobody watched is old; the platform tells what it is.
    is_offline_ = false;
    watch_ = runtime_.watch([this](Hint hint) {
      const Hold self(*this);
      notice(hint);
      deliver();
    });
  }

  void notice(Hint hint) {
    if (hint == Hint::offline) {
      is_offline_ = true;
      step(Input::offline);
      return;
    }
    if (hint == Hint::online) {
      is_offline_ = false;
      if (state_ == State::waiting || state_ == State::suspended) policy_.reset(runtime_.now());
    }
    if (state_ == State::suspended && is_suspended_) return;
    const bool is_between = state_ == State::waiting || state_ == State::suspended;
    // go_on_receiving() makes the attempt, or the timer that runs.
    if (is_between && waits_for_poll()) return;
    if (is_between && runtime_.now() < not_before_) {
      retry_at_ = not_before_;
      schedule_retry();
      return;
    }
    if (state_ == State::connecting || state_ == State::open) woke_at_ = runtime_.now();
    step(Input::wake);
  }

  // --- Liveness: see HeartbeatOptions. ---

  void look_later() {
    stop_timer(heartbeat_timer_);
    heartbeat_timer_ = after(heartbeat_->next_look(), Input::look_due);
  }

  /// Whether anything has come since the last look.
  bool take_heard() {
    const bool unshown = transport_->take_heard();
    return std::exchange(heard_, false) || unshown;
  }

  void ping() { outbox_.send_first(Payload::text(options_.heartbeat->message), true); }

  /// The answer to a ping is a certain message.
  bool names_reply() const { return options_.heartbeat && !options_.heartbeat->reply.empty(); }

  void look() {
    const bool heard = take_heard() && !names_reply();
    switch (heartbeat_->look(runtime_.now(), heard, outbox_.flow())) {
      case detail::Heartbeat::Verdict::silent:
        found_dead("no answer within the heartbeat timeout");
        return;
      case detail::Heartbeat::Verdict::stuck:
        found_dead("nothing could be sent within the heartbeat interval and timeout");
        return;
      case detail::Heartbeat::Verdict::ping:
        ping();
        break;
      case detail::Heartbeat::Verdict::wait:
        break;
    }
    look_later();
  }

  void found_dead(const char* why) {
    failure_ = {ErrorCode::heartbeat_timeout, why};
    step(Input::session_failed);
  }

  void probe() {
    if (!heartbeat_ || !heartbeat_->probe(runtime_.now())) return;
    take_heard();
    ping();
    look_later();
  }

  /// A message has come.
  void heard() {
    heard_ = true;
    if (!names_reply()) heartbeat_answered();
  }

  // --- Events: collected while something happens, delivered from the event loop, in order. ---

  void report(const Error& error) {
    error_ = error;
    events_.emplace<detail::ErrorEvent>(error);
  }

  void on_dropped(DropReason reason, detail::Outgoing&& message) override {
    const std::uint32_t id = message.id;
    const bool is_tracked = message.wants(&detail::Wishes::is_tracked);
    events_.emplace<detail::DropEvent>(Drop{id, reason, std::move(message.payload)});
    if (is_tracked) on_outcome(id, reason);
  }

  void on_outcome(std::uint32_t id, DropReason reason) override {
    events_.emplace<detail::OutcomeEvent>(Outcome{id, reason});
  }

  void tell_drained(const Error& error) {
    while (!drained_.empty()) {
      auto event = drained_.pop();
      static_cast<detail::DrainedEvent&>(*event).error = error;
      events_.push(std::move(event));
    }
  }

  void tell_state() {
    const State now = state();
    if (now == told_state_) return;
    StateChange change{now, std::exchange(told_state_, now), {}, {}};
    if (now == State::waiting) change.retry_in = retry_delay_;
    if (now == State::waiting || now == State::suspended || now == State::closed) {
      change.last_close = close_info_;
    }
    events_.emplace<detail::StateEvent>(std::move(change));
  }

  /// At the end of every call: what there is to do later is scheduled, and what needs no decision
  /// is granted.
  void settle() {
    if (is_gone_) return;
    if ((is_leaving_ || !drained_.empty()) && state_ != State::closed && outbox_.is_idle()) {
      tell_drained({});
      if (is_leaving_) say_goodbye();
    }
    if (transport_ && transport_->takes_grants()) update_grant();
    watch_outbox();
    if (outbox_.waits_for_turn() || has_news()) post_turn();
  }

  void watch_outbox() {
    if (state_ == State::open && drain_timer_ == 0 &&
        (outbox_.waits_for_platform() || is_leaving_ || !drained_.empty())) {
      drain_timer_ = after(drain_interval, Input::drain_due);
    }
    const auto expiry = outbox_.next_expiry();
    if (!expiry || (expiry_timer_ != 0 && expiry_at_ <= *expiry)) return;
    stop_timer(expiry_timer_);
    expiry_at_ = *expiry;
    expiry_timer_ = later(expiry_at_ - runtime_.now(), [](Impl& self) {
      self.expiry_timer_ = 0;
      self.outbox_.expire();
    });
  }

  void update_grant() {
    const bool open = is_receiving();
    // The answer to a ping is to be seen when it comes, if any message may be it.
    const bool awaits = heartbeat_ && heartbeat_->awaits_answer();
    Grant grant{.receive = open && !router_ && !has_news() && (!awaits || names_reply()),
                .batched = open && outbox_.batches(),
                .seeks_reply = open && awaits && names_reply()};
    bool is_new = false;
    if (open && !is_leaving_) {
      const Outbox::Credit credit = outbox_.grant_credit(grant.receive != grant_.receive);
      is_new = credit.is_new;
      // Without new credit some of the old may be left.
      grant.send_credit =
          credit.is_new || !outbox_.has_granted() ? credit.bytes : grant_.send_credit;
    }
    // A look at the platform's buffer may have told something.
    if (has_news()) grant.receive = false;
    if (!is_new && grant == grant_) return;
    grant_ = grant;
    transport_->grant(grant);
  }

  /// Something is to be told, or to be asked.
  bool has_news() const { return !events_.empty() || provider_due_ || session_due_; }

  /// When this task is over: sends what waits for that, and tells what there is to tell.
  void post_turn() {
    if (turn_posted_ || delivering_) return;
    turn_posted_ = true;
    // Unlike a timer it cannot be cancelled.
    runtime_.post([self = Hold(*this)] {
      self->turn_posted_ = false;
      if (self->outbox_.waits_for_turn()) self->outbox_.flush(Outbox::Until::high_water);
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
      auto event = events_.pop();
      if (listener_ != nullptr) event->tell(*listener_);
      if (options_.dispatch == Dispatch::queued) {
        keep(std::move(event));
      } else {
        call_handlers(*event);
      }
    }
    if (events_.empty()) ask();
    delivering_ = false;
    settle();
  }

  void call_handlers(detail::Event& event) {
    event.run();
    if (handlers_) event.tell(*handlers_);
  }

  // --- What the user is asked, when everything before it was told. ---

  void ask() noexcept {
    if (std::exchange(provider_due_, false)) {
      options_.provider(ConnectReply(detail::AttemptRef(*this, generation_)));
    }
    if (std::exchange(session_due_, false)) {
      options_.begin_session(Session(detail::AttemptRef(*this, generation_)));
    }
  }

  /// The provider was asked, and there was no answer yet.
  bool awaits_details(Generation attempt) const {
    return attempt == generation_ && !failure_ && state_ == State::connecting && !transport_;
  }
  /// The session has begun, and is not ready yet.
  bool awaits_ready(Generation attempt) const {
    return attempt == generation_ && !failure_ && state_ == State::open && outbox_.is_held();
  }

  // --- Receiving. ---

  bool receives(Generation generation) const { return generation == generation_ && is_receiving(); }

  detail::Router& router() {
    if (!router_) {
      router_ = std::make_unique<detail::Router>(options_.type_member);
      receive_ = &Impl::receive;
      if (options_.dispatch == Dispatch::queued) {
        for_poll_.open_to_messages();
        receive_ = &Impl::store;
      }
    }
    return static_cast<detail::Router&>(*router_);
  }

  /// Takes a message in. What it was is given back by router_->finish().
  Error take(Inbound& message, std::size_t max_bytes) {
    const auto framing = outbox_.batches() ? detail::Framing::batched : detail::Framing::single;
    const bool seeks = names_reply() && heartbeat_->awaits_answer();
    router().seek(seeks ? std::string_view(options_.heartbeat->reply) : std::string_view());
    return router_->take(message, max_bytes, framing);
  }

  /// Takes no more of the message, which may have been the reply to a ping.
  void finish_message(Generation generation) {
    const bool is_answered = router().found();
    router_->finish();
    if (is_answered && generation == generation_) heartbeat_answered();
  }

  void receive(Generation generation, Inbound& message) {
    Error error = take(message, options_.max_message_bytes);
    bool more = !error;
    while (more && receives(generation)) {
      delivering_ = true;
      more = router_->dispatch_next(error);
      delivering_ = false;
      if (malformed_) report(std::exchange(malformed_, {}));
      deliver();
    }
    finish_message(generation);
    if (!error) return;
    report(error);
    deliver();
  }

  Subscription settled(Subscription&& subscription) {
    settle();
    return std::move(subscription);
  }

  // --- Receiving for poll(). ---

  /// Keeps what is received. What nobody wants is passed over, unless somebody may want it by the
  /// time it would be told: a handler of what waits before it.
  void store(Generation generation, Inbound& message) {
    const bool keeps_all = !for_poll_.empty();
    router().read_unwanted(keeps_all);
    Error error = take(message, std::min(options_.max_message_bytes, options_.inbound.max_bytes));
    detail::Router::Part part;
    while (!error && router().next(part, error)) {
      if (keeps_all || inbound_messages() > 0 || router().wants(part.message, part.has_type)) {
        error = keep(part);
      }
    }
    finish_message(generation);
    if (error.code == ErrorCode::inbound_overflow) {
      stop_receiving(error);
    } else if (error) {
      report(error);
    }
    deliver();
  }

  Error keep(const detail::Router::Part& part) {
    using Put = detail::InboundQueue::Put;
    switch (for_poll_.put(part, router())) {
      case Put::taken:
        break;
      case Put::made_room:
        if (!std::exchange(has_overflowed_, true)) {
          report({ErrorCode::inbound_overflow,
                  "more was received than may wait for poll(): the oldest messages are dropped"});
        }
        break;
      case Put::no_room:
        return {ErrorCode::inbound_overflow, "more was received than may wait for poll()"};
      case Put::out_of_memory:
        return {ErrorCode::out_of_memory, "a received message does not fit in memory"};
    }
    return {};
  }

  /// Keeps an event. What nobody has subscribed to is passed over, like a message.
  void keep(std::unique_ptr<detail::Event> event) {
    if (!event->is_asked_for() && !handlers_ && inbound_messages() == 0) return;
    for_poll_.put(std::move(event));
  }

  /// A connection that has failed. The next attempt waits until poll() has told what waits.
  void stop_receiving(const Error& error) {
    has_overflowed_ = true;
    fail(error);
  }
  bool waits_for_poll() const {
    return has_overflowed_ && options_.inbound.overflow == InboundOverflow::fail;
  }

  /// Calls the handlers of what waits. Answers how many messages they were told of.
  std::size_t tell_waiting(const PollBudget& budget) {
    using Next = detail::PollQueue::Next;
    std::optional<milliseconds> deadline;
    constexpr milliseconds longest = std::chrono::hours(24);
    if (budget.max_time) deadline = runtime_.now() + std::min(*budget.max_time, longest);
    const std::size_t most = std::max<std::size_t>(1, budget.max_messages);
    std::size_t told = 0;
    auto round = for_poll_.begin_round();
    for (Next next; !is_gone_ && (next = for_poll_.next(round)) != Next::nothing;) {
      if (next == Next::event) {
        call_handlers(*for_poll_.take_event(round));
        continue;
      }
      if (told == most) break;
      ++told;
      dispatch_kept(for_poll_.take_message(round));
      if (deadline && !is_gone_ && runtime_.now() >= *deadline) break;
    }
    if (is_gone_) return told;
    if (for_poll_.take_forgotten()) {
      report({ErrorCode::inbound_overflow,
              "more has happened than may wait for poll(): the oldest events were forgotten"});
    }
    go_on_receiving();
    return told;
  }

  void dispatch_kept(detail::InboundQueue::Entry* message) {
    router().dispatch_kept({message->kind, message->type, message->data.view()}, message->has_type);
    for_poll_.give_back(message);
    if (malformed_ && !is_gone_) report(std::exchange(malformed_, {}));
  }

  /// If receiving has stopped, and nothing waits any more.
  void go_on_receiving() {
    if (!has_overflowed_ || inbound_messages() > 0) return;
    const bool held = waits_for_poll() && state_ == State::suspended && !is_suspended_;
    has_overflowed_ = false;
    if (held) step(Input::resume);
  }

  /// What has come before the user ended the connection is not told after it.
  void forget_inbound() {
    has_overflowed_ = false;
    for_poll_.clear_messages();
  }

  // --- Timers. abandon() and stop() cancel them: they need not hold this object. ---

  // A std::function keeps two words beside itself; more would be a block of their own.

  TimerId after(milliseconds delay, Input input) {
    return runtime_.start_timer(delay, [this, input] {
      const Hold self(*this);
      step(input);
      deliver();
    });
  }

  TimerId later(milliseconds delay, void (*what)(Impl&)) {
    return runtime_.start_timer(delay, [this, what] {
      const Hold self(*this);
      what(*this);
      deliver();
    });
  }

  void stop_timer(TimerId& timer) { runtime_.cancel_timer(std::exchange(timer, 0)); }

  std::uint32_t holders_ = 0;
  Runtime& runtime_;
  Error error_;
  /// The options are.
  const bool is_refused_;
  /// Has the URL and the subprotocols of the options, or what was provided.
  ConnectRequest request_;
  std::optional<std::string> first_message_;
  const std::unique_ptr<const Options> owned_options_;
  const Options& options_ = *owned_options_;

  State state_ = State::idle;
  State told_state_ = State::idle;
  Error open_error_;
  CloseInfo close_info_;
  std::unique_ptr<Transport> transport_;
  Generation generation_ = 0;
  /// The platform has refused the attempt: another one would fail as well.
  bool hopeless_ = false;
  /// The provider, or the session's beginning, is still to be called.
  bool provider_due_ = false;
  bool session_due_ = false;
  /// Why the attempt or the connection is given up.
  Error failure_;
  detail::ReconnectPolicy policy_;
  /// Since when there is a connection in which everything is in order.
  std::optional<milliseconds> stable_since_;
  /// When the program was back while there was this connection, or this attempt.
  std::optional<milliseconds> woke_at_;
  milliseconds retry_at_{0};
  /// From when that was decided.
  milliseconds retry_delay_{0};
  /// The server wants the next attempt no sooner.
  milliseconds not_before_{0};
  /// By the user, not for want of a network.
  bool is_suspended_ = false;
  bool is_offline_ = false;
  WatchId watch_ = 0;
  TimerId connect_timer_ = 0;
  TimerId retry_timer_ = 0;
  TimerId close_timer_ = 0;
  TimerId drain_timer_ = 0;
  TimerId heartbeat_timer_ = 0;

  /// close() was called, and what waits goes first.
  bool is_leaving_ = false;
  TimerId leave_timer_ = 0;
  /// What close() was called with.
  CloseInfo farewell_;
  /// The end that `decide` is being asked about, until it is reported.
  CloseInfo* ended_ = nullptr;

  std::optional<detail::Heartbeat> heartbeat_;
  /// A message has come since the last look.
  bool heard_ = false;

  Outbox outbox_;
  milliseconds expiry_at_{0};
  TimerId expiry_timer_ = 0;
  /// DrainedEvents, for those who wait for it.
  detail::EventQueue drained_;
  /// What the present transport may do by itself.
  Grant grant_;

  /// A Router, once somebody has subscribed.
  std::unique_ptr<detail::Inbox> router_;
  /// What it does with a message. Set with it, so that a program without one does not carry it.
  void (Impl::*receive_)(Generation generation, Inbound& message) = nullptr;
  /// Why a handler could not decode the present message.
  Error malformed_;
  /// Events, and messages, once somebody has subscribed to them.
  detail::PollQueue for_poll_{options_};
  /// More was received than may wait; until nothing does.
  bool has_overflowed_ = false;
  bool polling_ = false;
  detail::EventQueue events_;
  bool delivering_ = false;
  /// The Socket is: what is still running must not touch the Runtime.
  bool is_gone_ = false;
  bool turn_posted_ = false;
  SocketListener* listener_ = nullptr;
  /// Handlers, once somebody has subscribed.
  std::unique_ptr<detail::Audience> handlers_;
};

Socket::Socket(Options options, Runtime& runtime)
    : impl_(new Impl(std::make_unique<Options>(std::move(options)), runtime)) {
  impl_->acquire();
  impl_->read_replies();
  impl_->start();
}

Socket::Socket(Options options, std::unique_ptr<Runtime> runtime)
    : Socket(std::move(runtime), std::make_unique<Options>(std::move(options))) {
  impl_->read_replies();
}

Socket::Socket(std::unique_ptr<Runtime> runtime, std::unique_ptr<Options> options)
    : owned_runtime_(std::move(runtime)), impl_(new Impl(std::move(options), *owned_runtime_)) {
  impl_->acquire();
  impl_->start();
}

Socket::~Socket() {
  impl_->shut_down();
  impl_->release();
}

Error Socket::connect() { return impl_->connect(); }

Error Socket::reconnect(const CloseOptions& farewell) { return impl_->reconnect(farewell); }

Error Socket::suspend() { return impl_->suspend(); }

Error Socket::resume() { return impl_->resume(); }

SendResult Socket::send(std::string_view text, const SendOptions& options) {
  return impl_->send(Payload::text(text), options);
}

SendResult Socket::send(std::span<const std::byte> bytes, const SendOptions& options) {
  return impl_->send(Payload::binary(bytes), options);
}

SendResult Socket::send(Payload payload, const SendOptions& options) {
  return impl_->send(std::move(payload), options);
}

SendResult Socket::send_binary(const void* data, std::size_t size, const SendOptions& options) {
  return send(std::span(static_cast<const std::byte*>(data), size), options);
}

void Socket::heartbeat_answered() { impl_->heartbeat_answered(); }

std::size_t Socket::poll(const PollBudget& budget) { return impl_->poll(budget); }

bool Socket::cancel(std::uint32_t id) { return impl_->cancel(id); }

bool Socket::answered(std::uint32_t id) { return impl_->answered(id); }

void Socket::drained(DrainedHandler handler) { impl_->drained(std::move(handler)); }

TransportSend Socket::send_now(Payload&& payload) { return impl_->send_now(std::move(payload)); }

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

Subscription Socket::on_binary(MessageHandler handler) {
  return impl_->on_binary(std::move(handler));
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

Subscription Socket::on_outcome(OutcomeHandler handler) {
  return impl_->handlers().on_outcome(std::move(handler));
}

void Socket::listen(SocketListener& listener) { impl_->listen(listener); }

State Socket::state() const { return impl_->state(); }

bool Socket::is_receiving() const { return impl_->is_receiving(); }

const Error& Socket::error() const { return impl_->error(); }

std::optional<milliseconds> Socket::retry_in() const { return impl_->retry_in(); }

Stats Socket::stats() const { return impl_->stats(); }

std::size_t Socket::queued_messages() const { return impl_->queued_messages(); }

std::size_t Socket::inbound_messages() const { return impl_->inbound_messages(); }

std::size_t Socket::buffered_amount() const { return impl_->buffered_amount(); }

std::string Socket::subprotocol() const { return impl_->subprotocol(); }

}  // namespace steady
