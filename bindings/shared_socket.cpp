#include "steady/js/shared_socket.hpp"

#include <emscripten/emscripten.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "../sdk/kernel/commands.hpp"
#include "../sdk/kernel/inputs.hpp"
#include "../sdk/kernel/message.hpp"
#include "../sdk/kernel/readings.hpp"
#include "shared_event.hpp"
#include "shared_imports.hpp"
#include "shared_transport.hpp"
#include "steady/version.hpp"
#include "steady/web/text.hpp"
#include "steady/web/web_runtime.hpp"

namespace steady::js {

using kernel::CommandKind;
using std::chrono::milliseconds;

namespace {

milliseconds time_from(double value) {
  constexpr double longest = 1e15;
  return milliseconds(static_cast<std::int64_t>(std::min(value, longest)));
}

Payload payload_of(std::uint32_t flags, bool is_text, std::uint32_t handle, std::size_t size) {
  if ((flags & kernel::is_json) != 0) {
    return Payload::external_json(handle, size, steady_js_release_payload);
  }
  return Payload::external(is_text ? MessageKind::text : MessageKind::binary, handle, size,
                           steady_js_release_payload);
}

}  // namespace

/// Forwards the events of the socket to JavaScript.
class SharedSocket::Impl final : private SocketListener {
 public:
  Impl(std::string_view name, Options&& options)
      : observer_(share(name)),
        socket_(std::make_unique<web::WebRuntime>(observer_, bindings::make_shared_transport),
                prepare(std::move(options))) {
    if (observer_ == 0) {
      error_ = {ErrorCode::invalid_option,
                name.empty() ? std::string("a shared socket needs a name")
                             : "there is a shared socket \"" + std::string(name) + "\" already"};
      socket_.close();
      return;
    }
    socket_.listen(*this);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    if (observer_ != 0) steady_js_unshare(observer_);
  }

  Socket& socket() { return socket_; }
  const Error& error() const { return error_ ? error_ : socket_.error(); }

  /// Passes the error of a call to JavaScript. Returns its code.
  int answer(const Error& error) const {
    if (error) dispatch(static_cast<int>(bindings::SharedEvent::refusal), 0, 0, 0, error.message);
    return static_cast<int>(error.code);
  }

 private:
  /// Returns the number of the observer of its connections, or 0 if the name is refused.
  std::uint32_t share(std::string_view name) {
    if (name.empty()) return 0;
    return steady_js_share(this, name.data(), name.size(), version.data(), version.size());
  }

  std::unique_ptr<Options> prepare(Options&& options) const {
    auto prepared = std::make_unique<Options>(std::move(options));
    if (observer_ == 0) {
      prepared->start = Start::on_connect;
    } else {
      const bool has_url = !prepared->provider && !validate(*prepared);
      const std::string_view url = has_url ? prepared->url : std::string_view();
      const std::string& member = prepared->type_member;
      steady_js_describe(observer_, url.data(), url.size(), member.data(), member.size());
    }
    return prepared;
  }

  void dispatch(int kind, double a, double b, double c, std::string_view text) const {
    steady_js_tell(observer_, kind, a, b, c, text.data(), text.size());
  }
  void dispatch(CommandKind kind, double a, double b, double c, std::string_view text) const {
    dispatch(static_cast<int>(kind), a, b, c, text);
  }

  void on_open() override { dispatch(CommandKind::open, 0, 0, 0, {}); }
  void on_close(const CloseInfo& info) override {
    const std::uint32_t bits =
        (info.was_clean ? kernel::was_clean : 0U) | (info.will_retry ? kernel::will_retry : 0U);
    dispatch(CommandKind::close, info.code, bits, 0, info.reason);
  }
  void on_error(const Error& error) override {
    dispatch(CommandKind::error, static_cast<double>(error.code), 0, 0, error.message);
  }
  void on_state_change(const StateChange& change) override {
    dispatch(CommandKind::state, static_cast<double>(change.state),
             static_cast<double>(change.previous), static_cast<double>(change.retry_in.count()),
             change.last_close ? std::string_view(change.last_close->reason) : std::string_view());
  }
  void on_outcome(const Outcome& outcome) override {
    dispatch(CommandKind::outcome, outcome.id, static_cast<double>(outcome.reason),
             outcome.is_delivered ? 1 : 0, {});
  }
  void on_session(const SessionChange& change) override {
    dispatch(CommandKind::session, static_cast<double>(change.state), 0, 0, change.reason);
  }
  void on_drained(const Error& error) override {
    dispatch(CommandKind::drained, static_cast<double>(error.code), 0, 0, error.message);
  }
  void on_drop(const Drop& drop) override {
    const Payload& payload = drop.payload;
    std::uint32_t handle = payload.handle();
    if (!payload.is_external()) {
      // Sent by C++: JavaScript receives a copy.
      const std::string_view data = payload.data();
      handle =
          steady_js_keep(payload.kind() == MessageKind::text ? 1 : 0, data.data(), data.size());
    }
    dispatch(CommandKind::drop, drop.id, static_cast<double>(drop.reason), handle, {});
    if (!payload.is_external()) steady_js_release_payload(handle);
  }

  const std::uint32_t observer_;
  Error error_;
  Socket socket_;
};

SharedSocket::SharedSocket(std::string_view name, Options options)
    : impl_(std::make_unique<Impl>(name, std::move(options))) {}

SharedSocket::~SharedSocket() = default;

Socket& SharedSocket::socket() { return impl_->socket(); }

const Error& SharedSocket::error() const { return impl_->error(); }

/// Functions for JavaScript, with numbers only. Plain exports, which depend on no flags of the
/// program and do not conflict with its own bindings. JavaScript passes strings by
/// SteadyWeb.leaveText before a call.
struct SharedCalls {
  using Impl = SharedSocket::Impl;

  static int attempt(Impl& impl, kernel::InputKind kind) {
    Socket& socket = impl.socket();
    if (kind == kernel::InputKind::suspend) return impl.answer(socket.suspend());
    return impl.answer(kind == kernel::InputKind::resume ? socket.resume() : socket.connect());
  }

  static CloseOptions close_options(int code, const std::string& reason) {
    CloseOptions options{.code = {}, .reason = reason};
    if (code >= 0) options.code = static_cast<std::uint16_t>(code);
    return options;
  }

  /// Return value: see InputKind::send.
  static double send(Impl& impl, bool is_text, std::uint32_t handle, std::size_t size,
                     std::uint32_t flags, double ttl) {
    const std::string key = web::take_text();
    SendOptions options;
    if (ttl >= 0) options.ttl = time_from(ttl);
    options.key = key;
    options.priority = (flags & kernel::high_priority) != 0 ? Priority::high : Priority::normal;
    options.is_volatile = (flags & kernel::is_volatile) != 0;
    options.connection_only = (flags & kernel::connection_only) != 0;
    options.track = (flags & kernel::track) != 0;
    if ((flags & kernel::expects_reply) != 0) options.reply = Unanswered::report;
    if ((flags & kernel::repeat_unanswered) != 0) options.reply = Unanswered::repeat;
    const SendResult result = impl.socket().send(payload_of(flags, is_text, handle, size), options);
    const double reason = static_cast<double>(result.reason);
    switch (result.status) {
      case SendStatus::sent:
        return result.id != 0 ? result.id + kernel::sent_with_id : 0;
      case SendStatus::queued:
        return result.id;
      case SendStatus::dropped:
        return -reason - kernel::was_dropped;
      case SendStatus::rejected:
        break;
    }
    return -reason;
  }

  static double read(Impl& impl, kernel::Reading reading) {
    const Socket& socket = impl.socket();
    const Stats stats = socket.stats();
    const auto trip = [&](auto member) {
      return stats.round_trip ? static_cast<double>(((*stats.round_trip).*member).count()) : -1;
    };
    switch (reading) {
      case kernel::Reading::state:
        return static_cast<double>(socket.state()) +
               (socket.is_receiving() ? kernel::receiving : 0);
      case kernel::Reading::queued_bytes:
        return static_cast<double>(socket.buffered_amount());
      case kernel::Reading::queued:
        return static_cast<double>(socket.queued_messages());
      case kernel::Reading::retry_in: {
        const auto delay = socket.retry_in();
        return delay ? static_cast<double>(delay->count()) : -1;
      }
      case kernel::Reading::retries:
        return stats.retries;
      case kernel::Reading::last:
        return trip(&RoundTrip::last);
      case kernel::Reading::smoothed:
        return trip(&RoundTrip::smoothed);
      case kernel::Reading::jitter:
        return trip(&RoundTrip::jitter);
      case kernel::Reading::clock_offset:
        // The clock of JavaScript is another one.
        return -1;
      default:
        return 0;
    }
  }
};

}  // namespace steady::js

using steady::js::SharedCalls;
using Impl = SharedCalls::Impl;

extern "C" {

EMSCRIPTEN_KEEPALIVE int steady_js_attempt(Impl* impl, int kind) {
  return SharedCalls::attempt(*impl, static_cast<steady::kernel::InputKind>(kind));
}

EMSCRIPTEN_KEEPALIVE int steady_js_reconnect(Impl* impl, int code) {
  const std::string reason = steady::web::take_text();
  return impl->answer(impl->socket().reconnect(SharedCalls::close_options(code, reason)));
}

EMSCRIPTEN_KEEPALIVE int steady_js_close(Impl* impl, int code, double deadline) {
  const std::string reason = steady::web::take_text();
  steady::CloseOptions options = SharedCalls::close_options(code, reason);
  if (deadline >= 0) {
    options.flush = true;
    options.deadline = steady::js::time_from(deadline);
  }
  return impl->answer(impl->socket().close(options));
}

EMSCRIPTEN_KEEPALIVE double steady_js_send(Impl* impl, int is_text, std::uint32_t handle,
                                           std::size_t size, std::uint32_t flags, double ttl) {
  return SharedCalls::send(*impl, is_text != 0, handle, size, flags, ttl);
}

EMSCRIPTEN_KEEPALIVE int steady_js_cancel(Impl* impl, double id) {
  return impl->socket().cancel(static_cast<std::uint32_t>(id)) ? 1 : 0;
}

EMSCRIPTEN_KEEPALIVE int steady_js_answered(Impl* impl, double id) {
  return impl->socket().answered(static_cast<std::uint32_t>(id)) ? 1 : 0;
}

EMSCRIPTEN_KEEPALIVE void steady_js_drained(Impl* impl) { impl->socket().drained({}); }

EMSCRIPTEN_KEEPALIVE void steady_js_pong(Impl* impl) { impl->socket().heartbeat_answered(); }

EMSCRIPTEN_KEEPALIVE double steady_js_read(Impl* impl, int reading) {
  return SharedCalls::read(*impl, static_cast<steady::kernel::Reading>(reading));
}

}  // extern "C"
