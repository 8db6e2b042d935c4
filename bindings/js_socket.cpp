#include "js_socket.hpp"

#include <memory>
#include <string_view>
#include <utility>

// Implemented in library.js and in sdk/web/steady_web.js.
extern "C" {
void steady_js_tell(std::uint32_t observer, int kind, double a, double b, double c,
                    const char* begin, std::size_t size);
int steady_js_decide(std::uint32_t observer, int code, int was_clean, const char* begin,
                     std::size_t size);
void steady_web_release_payload(std::uint32_t handle);
}

namespace steady::bindings {

namespace {

/// Keep in step with EventKind in src/core.ts, which says what a, b, c and the text are.
enum class Kind : int {
  open,
  close,
  error,
  state_change,
  drop,
  refusal,
  outcome,
  drained,
  provide,
  session,
};

/// Bits of `b` in a close event.
constexpr int was_clean_bit = 1;
constexpr int will_retry_bit = 2;

Payload payload_of(JsSocket::Format format, std::uint32_t handle, std::size_t size,
                   Payload::Release release) {
  if (format == JsSocket::Format::json) return Payload::external_json(handle, size, release);
  const auto kind = format == JsSocket::Format::text ? MessageKind::text : MessageKind::binary;
  return Payload::external(kind, handle, size, release);
}

void tell(std::uint32_t observer, Kind kind, double a, double b, double c, std::string_view text) {
  steady_js_tell(observer, static_cast<int>(kind), a, b, c, text.data(), text.size());
}

}  // namespace

void JsSocket::on_open() { tell(observer_, Kind::open, 0, 0, 0, {}); }

void JsSocket::on_close(const CloseInfo& info) {
  const int bits = (info.was_clean ? was_clean_bit : 0) | (info.will_retry ? will_retry_bit : 0);
  tell(observer_, Kind::close, info.code, bits, 0, info.reason);
}

void JsSocket::on_error(const Error& error) {
  tell(observer_, Kind::error, static_cast<double>(error.code), 0, 0, error.message);
}

void JsSocket::on_state_change(const StateChange& change) {
  tell(observer_, Kind::state_change, static_cast<double>(change.state),
       static_cast<double>(change.previous), static_cast<double>(change.retry_in.count()),
       change.last_close.reason);
}

void JsSocket::on_drop(const Drop& drop) {
  tell(observer_, Kind::drop, drop.id, static_cast<double>(drop.reason), drop.payload.handle(), {});
}

void JsSocket::on_outcome(const Outcome& outcome) {
  tell(observer_, Kind::outcome, outcome.id, static_cast<double>(outcome.reason), 0, {});
}

void JsSocket::on_drained(const Error& error) {
  tell(observer_, Kind::drained, static_cast<double>(error.code), 0, 0, error.message);
}

void JsSocket::ask_for_details() {
  options_->provider = [this](const ConnectReply& reply) {
    reply_.emplace(reply);
    // The others are given with every answer.
    details_.first_message.reset();
    tell(observer_, Kind::provide, 0, 0, 0, {});
  };
}

void JsSocket::ask_for_session() {
  options_->begin_session = [this](const Session& session) {
    session_.emplace(session);
    tell(observer_, Kind::session, 0, 0, 0, {});
  };
}

void JsSocket::ask_to_decide() {
  options_->reconnect.decide = [this](const CloseInfo& info) -> std::optional<CloseAction> {
    const int action = steady_js_decide(observer_, info.code, info.was_clean ? 1 : 0,
                                        info.reason.data(), info.reason.size());
    if (action < 0) return {};
    return static_cast<CloseAction>(action);
  };
}

void JsSocket::provide(bool failed, std::string&& why) {
  if (failed) {
    reply_->fail(std::move(why));
  } else {
    reply_->connect(std::move(details_));
  }
}

void JsSocket::begin_session(bool failed, std::string&& why) {
  if (failed) {
    session_->fail(std::move(why));
  } else {
    session_->ready();
  }
}

ErrorCode JsSocket::answer(const Error& error) {
  if (error) tell(observer_, Kind::refusal, 0, 0, 0, error.message);
  return error.code;
}

ErrorCode JsSocket::connect(Request request) {
  if (socket_ == nullptr) {
    options_->start = Start::on_connect;
    owned_socket_ =
        std::make_unique<Socket>(std::make_unique<web::WebRuntime>(observer_), std::move(options_));
    socket_ = owned_socket_.get();
    socket_->listen(*this);
    // Options that are refused close the socket.
    if (socket_->error()) return answer(socket_->error());
  }
  return answer(ask(request));
}

Error JsSocket::ask(Request request) {
  switch (request) {
    case Request::connect:
      break;
    case Request::suspend:
      return socket_->suspend();
    case Request::resume:
      return socket_->resume();
    case Request::check:
      return {};
  }
  return socket_->connect();
}

TransportSend JsSocket::send_now(Format format, std::size_t size) {
  return socket_->send_now(payload_of(format, 0, size, nullptr));
}

void JsSocket::set_send_options(const SendOptions& options, std::string key) {
  key_ = std::move(key);
  send_options_ = options;
  send_options_.key = key_;
}

SendResult JsSocket::send(Format format, std::uint32_t handle, std::size_t size) {
  return socket_->send(payload_of(format, handle, size, steady_web_release_payload),
                       std::exchange(send_options_, {}));
}

bool JsSocket::send_first(Format format, std::uint32_t handle, std::size_t size) {
  return session_->send(payload_of(format, handle, size, steady_web_release_payload));
}

}  // namespace steady::bindings
