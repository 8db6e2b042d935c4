#include "socket_impl.hpp"

#include <algorithm>
#include <utility>

#include "retry_after.hpp"
#include "settings_of.gen.hpp"
#include "utf8.hpp"
#include "validate.hpp"

namespace steady {

using kernel::InputKind;
using std::chrono::milliseconds;

namespace {

/// Invalid UTF-8 makes the server fail the connection (RFC 6455 8.1). An external payload is a
/// JavaScript string, which is encoded as valid UTF-8.
bool is_sendable(const Payload& payload) {
  return payload.is_external() || payload.kind() == MessageKind::binary ||
         detail::is_utf8(payload.data());
}

double size_of(const std::optional<std::string>& text) {
  return text ? static_cast<double>(text->size()) : -1;
}

/// Returns the options as settings, with the facts that the shell adds.
kernel::Settings kernel_settings(const Options& options) {
  kernel::Settings settings = detail::settings_of(options);
  settings.asks_provider = options.provider ? 1 : 0;
  settings.greets = options.greet ? 1 : 0;
  settings.decides = options.reconnect.decide ? 1 : 0;
  settings.batches = options.batch ? 1 : 0;
  if (options.session) {
    settings.sessions = 1;
    settings.session_required = options.session->required ? 1 : 0;
  }
  settings.first_message_size = size_of(options.first_message);
  if (options.heartbeat) {
    settings.pings = 1;
    settings.ping_has_reply = options.heartbeat->reply.empty() ? 0 : 1;
    settings.ping_size = static_cast<double>(options.heartbeat->message.size());
  }
  return settings;
}

std::vector<std::string> offered(const Options& options, std::vector<std::string> subprotocols) {
  return options.session ? detail::with_session(std::move(subprotocols)) : subprotocols;
}

std::uint32_t flags_of(const Payload& payload) {
  return (payload.is_json() ? kernel::is_json : 0U) |
         (payload.is_external() ? kernel::is_external : 0U);
}

std::uint32_t flags_of(const SendOptions& options) {
  std::uint32_t flags = 0;
  if (options.priority == Priority::high) flags |= kernel::high_priority;
  if (options.is_volatile) flags |= kernel::is_volatile;
  if (options.connection_only) flags |= kernel::connection_only;
  if (options.track) flags |= kernel::track;
  if (options.reply) flags |= kernel::expects_reply;
  if (options.reply == Unanswered::repeat) flags |= kernel::repeat_unanswered;
  return flags;
}

SendResult result_of(double answer) {
  if (answer < 0) {
    const bool is_dropped = answer <= -kernel::was_dropped;
    const double reason = is_dropped ? -answer - kernel::was_dropped : -answer;
    return {is_dropped ? SendStatus::dropped : SendStatus::rejected,
            static_cast<DropReason>(reason), 0};
  }
  const bool is_queued = answer > 0 && answer < kernel::sent_with_id;
  const double id = answer > kernel::sent_with_id ? answer - kernel::sent_with_id : answer;
  return {is_queued ? SendStatus::queued : SendStatus::sent, DropReason::none,
          static_cast<std::uint32_t>(id)};
}

}  // namespace

Socket::Impl::Impl(std::unique_ptr<Options>&& options, Runtime& runtime)
    : owned_options_(std::move(options)),
      refusal_(validate(options_)),
      error_(refusal_),
      kernel_(kernel_settings(options_), options_.reconnect.rules, runtime.kernel_listener()),
      platform_(runtime, *this),
      receiver_(options_, *this),
      events_(options_, *this, receiver_),
      outgoing_(options_, session_),
      log_(options_.log ? options_.log.make(*this) : nullptr),
      request_{.url = options_.url,
               .subprotocols = offered(options_, options_.subprotocols),
               .generation = 0,
               .headers = options_.headers} {
  if (!log_) return;
  events_.listen(*log_);
  platform_.set_log(*log_);
}

// --- Calls of the user. ---

void Socket::Impl::read_replies() {
  if (options_.heartbeat && !options_.heartbeat->reply.empty()) receiver_.read_replies();
}

void Socket::Impl::start() {
  if (log_) log_->created();
  texts_.error = error_.message;
  const bool is_suspended = options_.start == Start::suspended;
  input({InputKind::start, static_cast<double>(error_.code), is_suspended ? 1.0 : 0.0});
  if (!refusal_ && options_.start == Start::at_once) input({InputKind::connect});
  after_call();
}

Error Socket::Impl::attempt(InputKind kind) {
  open_error_ = {};
  const auto code = static_cast<ErrorCode>(input({kind}));
  after_call();
  if (code != ErrorCode::none) return {code, texts_.of(kernel::TextId::socket_closed)};
  return std::exchange(open_error_, {});
}

Error Socket::Impl::reconnect(const CloseOptions& close_options) {
  if (refusal_) return refusal_;
  if (Error error = validate(close_options)) return reported(std::move(error));
  // A session continues: what was received is handled.
  if (!options_.session) receiver_.discard_messages();
  texts_.close_frame_reason = close_options.reason;
  open_error_ = {};
  input({InputKind::reconnect, static_cast<double>(close_options.code.value_or(0))});
  after_call();
  return std::exchange(open_error_, {});
}

/// Reports an error of an argument in addition to returning it.
Error Socket::Impl::reported(Error error) {
  report(error);
  after_call();
  return error;
}

Error Socket::Impl::suspend() {
  if (state() < State::closing && !options_.session) receiver_.discard_messages();
  return attempt(InputKind::suspend);
}

SendResult Socket::Impl::send(Payload&& payload, const SendOptions& options) {
  if (state() < State::closing && !is_sendable(payload)) return refuse(std::move(payload));
  const std::uint32_t option_flags = flags_of(options);
  // A message without options needs no decision of the kernel within its credit.
  if (option_flags == 0 && !options.ttl && options.key.empty() && send_on_credit(payload)) {
    return {SendStatus::sent, DropReason::none, 0};
  }
  kernel::Moment moment;
  if (options.ttl) moment.now = platform_.now();
  if (kernel_->needs_amount()) moment.buffered = static_cast<double>(platform_.buffered_amount());
  const std::uint32_t flags = flags_of(payload) | option_flags;
  const auto size = static_cast<double>(payload.size());
  const double ttl = options.ttl ? static_cast<double>(options.ttl->count()) : -1;
  const std::uint32_t handle = outgoing_.payloads().add(std::move(payload));
  const std::uint32_t key = outgoing_.payloads().add_key(handle, options.key);
  const double answer = send_message(moment,
                                     {InputKind::send, static_cast<double>(handle), size,
                                      static_cast<double>(flags), ttl, static_cast<double>(key)},
                                     handle, flags);
  after_call();
  return result_of(answer);
}

/// Reports a message that cannot be sent.
SendResult Socket::Impl::refuse(Payload&& payload) {
  payload.keep();
  events_.add<detail::DropEvent>(Drop{0, DropReason::refused, std::move(payload)});
  after_call();
  return {SendStatus::rejected, DropReason::refused, 0};
}

/// Sends within the credit, which is renewed if it is used up. If there is room then, the message
/// is sent however large it is, as the kernel would. Returns false if the kernel must be asked.
bool Socket::Impl::send_on_credit(Payload& payload) {
  if (!outgoing_.has_grant()) return false;
  const auto size = static_cast<double>(payload.size());
  bool is_covered = outgoing_.covers(size);
  if (!is_covered) {
    renew_credit(platform_.buffered_amount());
    is_covered = outgoing_.covers(size);
  }
  // The window of a session has a bound.
  if (session_.is_agreed() && !is_covered) return false;
  if (!outgoing_.send_on_credit(platform_.transport(), payload, is_kept(0))) return false;
  // A large message is not kept for longer than the transport has it.
  if (is_covered) return true;
  if (const std::size_t buffered = platform_.buffered_amount(); buffered > 0) {
    renew_credit(buffered);
  } else {
    outgoing_.forget_sent();
  }
  return true;
}

/// Reports what was sent, and lets the kernel renew the credit if there is room. `buffered`: bytes
/// in the platform's buffer.
void Socket::Impl::renew_credit(std::size_t buffered) {
  kernel::Moment moment;
  moment.buffered = static_cast<double>(buffered);
  input_at(moment, {InputKind::spent});
}

/// True if the data of a sent message is needed when its connection ends before it has left.
bool Socket::Impl::is_kept(std::uint32_t flags) const {
  return session_.is_agreed() || options_.queue.unconfirmed == Unconfirmed::requeue ||
         (flags & kernel::repeat_unanswered) != 0 || events_.has_drop_handler();
}

/// Copies borrowed bytes after the call if the message is queued, or if its data is needed later,
/// to send it again or for a Drop.
double Socket::Impl::send_message(const kernel::Moment& moment, const kernel::Input& input,
                                  std::uint32_t handle, std::uint32_t flags) {
  sending_.handle = handle;
  sending_.answer = feed_at(moment, input);
  drain();
  sending_.handle = 0;
  detail::PayloadTable& payloads = outgoing_.payloads();
  if (!payloads.has(handle)) return sending_.answer;
  const bool waits = sending_.answer > 0 && sending_.answer < kernel::sent_with_id;
  if (waits && log_) log_->queued(payloads.at(handle));
  if (waits || is_kept(flags)) {
    payloads.at(handle).keep();
  } else {
    payloads.at(handle).forget();
  }
  return sending_.answer;
}

std::size_t Socket::Impl::poll(const PollBudget& budget) {
  if (is_polling_) return 0;
  const Hold self(*this);
  is_polling_ = true;
  platform_.runtime().poll();
  std::size_t dispatched = 0;
  if (!is_gone_ && !events_.is_busy()) {
    dispatched = receiver_.dispatch_waiting(
        budget, is_gone_, [this](detail::Event& event) { events_.call_handlers(event); },
        [this] { return platform_.runtime().now(); });
  }
  is_polling_ = false;
  after_call();
  return dispatched;
}

bool Socket::Impl::cancel(std::uint32_t id) {
  const bool waited = input_at({}, {InputKind::cancel, static_cast<double>(id)}) != 0;
  after_call();
  return waited;
}

bool Socket::Impl::answered(std::uint32_t id) {
  return input_at({}, {InputKind::answered, static_cast<double>(id)}) != 0;
}

void Socket::Impl::drained(DrainedHandler&& handler) {
  events_.add_drained(std::move(handler));
  input({InputKind::drained});
  after_call();
}

void Socket::Impl::delivered(DeliveredHandler&& handler) {
  events_.add_delivered(std::move(handler));
  input({InputKind::delivered});
  after_call();
}

Error Socket::Impl::close(const CloseOptions& options) {
  if (Error error = validate(options)) return reported(std::move(error));
  const double flush = options.flush ? static_cast<double>(options.deadline.count()) : -1;
  const bool has_begun =
      feed({InputKind::close, static_cast<double>(options.code.value_or(0)), flush}) != 0;
  if (has_begun) texts_.close_frame_reason = options.code ? options.reason : std::string_view();
  if (!options.flush && (has_begun || state() == State::closing)) receiver_.discard_messages();
  drain();
  after_call();
  return {};
}

void Socket::Impl::heartbeat_answered() {
  input({InputKind::pong});
  after_call();
}

void Socket::Impl::shut_down() {
  is_gone_ = true;
  if (requests_) requests_->shut_down();
  platform_.shut_down();
  events_.clear();
  receiver_.clear();
  outgoing_.payloads().clear();
}

void Socket::Impl::listen(SocketListener& listener) {
  if (log_) {
    log_->set_next(listener);
  } else {
    events_.listen(listener);
  }
}

Subscription Socket::Impl::after_subscribing(Subscription&& subscription) {
  after_call();
  return std::move(subscription);
}

std::optional<milliseconds> Socket::Impl::retry_in() const {
  const double delay = kernel_->retry_in(platform_.now());
  if (delay < 0) return std::nullopt;
  return milliseconds(static_cast<std::int64_t>(delay));
}

Stats Socket::Impl::stats() const {
  Stats stats{std::nullopt, kernel_->retries(platform_.now()), receiver_.dropped()};
  if (const auto& trip = kernel_->round_trip(); trip.last >= 0) {
    const auto ms = [](double time) { return milliseconds(static_cast<std::int64_t>(time)); };
    stats.round_trip = RoundTrip{ms(trip.last), ms(trip.smoothed), ms(trip.jitter)};
  }
  return stats;
}

std::optional<std::chrono::sys_time<milliseconds>> Socket::Impl::server_time() const {
  const double offset = kernel_->clock_offset();
  if (offset < 0) return std::nullopt;
  const auto time = static_cast<std::int64_t>(offset + platform_.now());
  return std::chrono::sys_time<milliseconds>(milliseconds(time));
}

std::string Socket::Impl::subprotocol() const {
  if (state() != State::open) return {};
  std::string selected = platform_.transport()->subprotocol();
  return options_.session ? std::string(detail::without_session(selected)) : selected;
}

// --- Events of the platform. ---

void Socket::Impl::on_open(Generation attempt) {
  const Hold self(*this);
  Transport* const transport = platform_.transport();
  if (!kernel_->is_current(attempt) || transport == nullptr) return;
  const std::string selected = transport->subprotocol();
  const bool is_session = options_.session && detail::has_session(selected);
  session_.begin_connection(is_session);
  if (is_session && transport->takes_grants()) transport->grant({.in_session = true});
  const auto& batch = options_.batch;
  const bool batches =
      batch && (batch->subprotocol.empty() ||
                batch->subprotocol == (is_session ? detail::without_session(selected) : selected));
  std::uint32_t bits = 0;
  if (batches) bits |= kernel::opened_batching;
  if (is_session) bits |= kernel::opened_session;
  input({InputKind::opened, static_cast<double>(attempt), static_cast<double>(bits),
         /*takes_grants=*/1});
  deliver();
}

bool Socket::Impl::on_message(Generation attempt, Inbound& inbound) {
  if (session_.is_agreed() && kernel_->is_current(attempt)) {
    detail::SessionInbound message(inbound, received_beginning_, options_.max_message_bytes);
    return on_session_message(attempt, message);
  }
  kernel::Moment moment;
  if (kernel_->awaits_pong()) moment.now = platform_.now();
  if (input_at(moment, {InputKind::message, static_cast<double>(attempt)}) == 0) return false;
  if (!receiver_.is_reading() && events_.empty()) return true;
  const Hold self(*this);
  deliver();
  // Handlers of the events before the message may have ended the connection.
  if (!receives(attempt)) return false;
  if (receiver_.is_reading()) receiver_.receive(attempt, inbound);
  return true;
}

void Socket::Impl::on_error(Generation attempt, const Error& error) {
  const Hold self(*this);
  if (!kernel_->is_current(attempt)) return;
  texts_.error = error.message;
  texts_.response = error.response;
  input({InputKind::error, static_cast<double>(attempt), static_cast<double>(error.code)});
  deliver();
}

void Socket::Impl::on_close(Generation attempt, CloseInfo info) {
  const Hold self(*this);
  if (!kernel_->is_current(attempt)) return;
  texts_.reason = std::move(info.reason);
  input({InputKind::closed, static_cast<double>(attempt), static_cast<double>(info.code),
         info.was_clean ? 1.0 : 0.0, detail::retry_after(texts_.reason)});
  deliver();
}

void Socket::Impl::on_timer() {
  const Hold self(*this);
  input({InputKind::timer});
  deliver();
}

void Socket::Impl::on_hint(Hint hint) {
  const Hold self(*this);
  input({InputKind::hint, static_cast<double>(hint)});
  deliver();
}

// --- Replies of the user. ---

void Socket::Impl::provided(Generation attempt, ConnectDetails&& details) {
  if (is_gone_ || !kernel_->is_asking(attempt)) return;
  if (Error error = detail::validate_request(details.url, details.subprotocols)) {
    fail_attempt(attempt, std::move(error));
    return;
  }
  if (details.first_message && !detail::is_utf8(*details.first_message)) {
    fail_attempt(attempt, {ErrorCode::invalid_option, "the first message must be valid UTF-8"});
    return;
  }
  request_.url = std::move(details.url);
  request_.subprotocols = offered(options_, std::move(details.subprotocols));
  request_.headers = std::move(details.headers);
  const double size = outgoing_.set_first_message(std::move(details.first_message));
  input({InputKind::provided, static_cast<double>(attempt), size});
  after_call();
}

bool Socket::Impl::send_first(Generation attempt, Payload&& payload) {
  if (is_gone_ || !kernel_->is_greeting(attempt)) return false;
  if (!is_sendable(payload)) {
    refuse(std::move(payload));
    return false;
  }
  const auto size = static_cast<double>(payload.size());
  const std::uint32_t flags = flags_of(payload);
  const std::uint32_t handle = outgoing_.payloads().add(std::move(payload));
  const double answer =
      send_message(platform_.moment(InputKind::greeting),
                   {InputKind::greeting, static_cast<double>(attempt), static_cast<double>(handle),
                    size, static_cast<double>(flags)},
                   handle, flags);
  after_call();
  return answer > 0;
}

void Socket::Impl::greeted(Generation attempt) {
  if (is_gone_) return;
  input({InputKind::greeted, static_cast<double>(attempt)});
  after_call();
}

void Socket::Impl::fail_attempt(Generation attempt, Error&& error) {
  const bool is_greeting = error.code == ErrorCode::greeting_failed;
  if (is_gone_ || !(is_greeting ? kernel_->is_greeting(attempt) : kernel_->is_asking(attempt)))
    return;
  texts_.failure = std::move(error.message);
  const double asked_delay = detail::retry_after(texts_.failure);
  input({is_greeting ? InputKind::greeting_failed : InputKind::provider_failed,
         static_cast<double>(attempt), static_cast<double>(error.code), asked_delay});
}

}  // namespace steady
