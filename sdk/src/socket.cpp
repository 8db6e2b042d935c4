#include "steady/socket.hpp"

#include <string>
#include <utility>

#include "socket_impl.hpp"

namespace steady {

using kernel::InputKind;

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

Error Socket::connect() { return impl_->attempt(InputKind::connect); }

Error Socket::reconnect(const CloseOptions& close_options) {
  return impl_->reconnect(close_options);
}

Error Socket::suspend() { return impl_->suspend(); }

Error Socket::resume() { return impl_->attempt(InputKind::resume); }

SendResult Socket::send(std::string_view text, const SendOptions& options) {
  return impl_->send(Payload::borrowed(MessageKind::text, text), options);
}

SendResult Socket::send(std::span<const std::byte> bytes, const SendOptions& options) {
  const std::string_view data(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return impl_->send(Payload::borrowed(MessageKind::binary, data), options);
}

SendResult Socket::send(Payload payload, const SendOptions& options) {
  return impl_->send(std::move(payload), options);
}

SendResult Socket::send_binary(const void* data, std::size_t size, const SendOptions& options) {
  return send(std::span(static_cast<const std::byte*>(data), size), options);
}

SendResult Socket::refuse(Payload payload) { return impl_->refuse(std::move(payload)); }

std::string_view Socket::type_member() const { return impl_->options().type_member; }

void Socket::heartbeat_answered() { impl_->heartbeat_answered(); }

std::size_t Socket::poll(const PollBudget& budget) { return impl_->poll(budget); }

bool Socket::cancel(std::uint32_t id) { return impl_->cancel(id); }

bool Socket::answered(std::uint32_t id) { return impl_->answered(id); }

void Socket::drained(DrainedHandler handler) { impl_->drained(std::move(handler)); }

void Socket::delivered(DeliveredHandler handler) { impl_->delivered(std::move(handler)); }

Error Socket::close(const CloseOptions& options) { return impl_->close(options); }

Subscription Socket::on(std::string_view type, MessageHandler handler) {
  return impl_->after_subscribing(impl_->receiver().router().on(type, std::move(handler)));
}

void Socket::malformed(Impl& impl, const Error& error, const Message& message) {
  impl.receiver().malformed(error, message);
}

Subscription Socket::on_message(MessageHandler handler) {
  return impl_->after_subscribing(impl_->receiver().router().on_message(std::move(handler)));
}

Subscription Socket::on_binary(MessageHandler handler) {
  return impl_->after_subscribing(impl_->receiver().router().on_binary(std::move(handler)));
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

Subscription Socket::on_session(SessionHandler handler) {
  return impl_->handlers().on_session(std::move(handler));
}

void Socket::listen(SocketListener& listener) { impl_->listen(listener); }

State Socket::state() const { return impl_->state(); }

bool Socket::is_receiving() const { return impl_->is_receiving(); }

const Error& Socket::error() const { return impl_->error(); }

std::optional<std::chrono::milliseconds> Socket::retry_in() const { return impl_->retry_in(); }

Stats Socket::stats() const { return impl_->stats(); }

std::optional<std::chrono::sys_time<std::chrono::milliseconds>> Socket::server_time() const {
  return impl_->server_time();
}

std::size_t Socket::queued_messages() const { return impl_->queued_messages(); }

std::size_t Socket::inbound_messages() const { return impl_->receiver().messages(); }

std::size_t Socket::buffered_amount() const { return impl_->buffered_amount(); }

std::string Socket::subprotocol() const { return impl_->subprotocol(); }

}  // namespace steady
