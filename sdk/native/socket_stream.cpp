#include "socket_stream.hpp"

#include <boost/asio/ssl/stream.hpp>
#include <optional>

namespace steady::native {

struct SocketStream::State {
  State(Tcp&& connected, asio::ssl::context* context) : socket(std::move(connected)) {
    if (context != nullptr) tls.emplace(socket, *context);
  }

  /// Declared before the socket, whose operations allocate from it.
  HandlerMemory memory;
  Tcp socket;
  std::optional<asio::ssl::stream<Tcp&>> tls;
};

SocketStream::SocketStream(Tcp&& socket, asio::ssl::context* tls)
    : state_(std::make_shared<State>(std::move(socket), tls)) {}

SocketStream::~SocketStream() { close(); }

SocketStream::executor_type SocketStream::get_executor() { return state_->socket.get_executor(); }

SSL* SocketStream::tls() { return state_->tls ? state_->tls->native_handle() : nullptr; }

std::shared_ptr<HandlerMemory> SocketStream::memory() const { return {state_, &state_->memory}; }

void SocketStream::start_handshake(Completion done) {
  state_->tls->async_handshake(
      asio::ssl::stream_base::client,
      [done = std::move(done)](const error_code& error) mutable { done(error); });
}

void SocketStream::read(asio::mutable_buffer buffer, Completion done) {
  if (state_->tls) {
    state_->tls->async_read_some(buffer, std::move(done));
  } else {
    state_->socket.async_read_some(buffer, std::move(done));
  }
}

void SocketStream::write(const WriteBuffers& buffers, Completion done) {
  if (on_write_) on_write_(buffers);
  if (state_->tls) {
    state_->tls->async_write_some(buffers, std::move(done));
  } else {
    state_->socket.async_write_some(buffers, std::move(done));
  }
}

void SocketStream::shut_down() {
  error_code ignored;
  if (state_->tls) {
    // Sends close_notify without waiting for the server's.
    state_->socket.non_blocking(true, ignored);
    state_->tls->shutdown(ignored);
  }
  state_->socket.shutdown(asio::socket_base::shutdown_send, ignored);
}

void SocketStream::close() {
  error_code ignored;
  state_->socket.close(ignored);
}

}  // namespace steady::native
