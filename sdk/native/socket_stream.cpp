#include "socket_stream.hpp"

#include <boost/asio/ssl/stream.hpp>

namespace steady::native {

struct SocketStream::Tls {
  Tls(Tcp& socket, asio::ssl::context& context) : stream(socket, context) {}

  asio::ssl::stream<Tcp&> stream;
};

SocketStream::SocketStream(Tcp&& socket, asio::ssl::context* tls) : socket_(std::move(socket)) {
  if (tls != nullptr) tls_ = std::make_unique<Tls>(socket_, *tls);
}

SocketStream::~SocketStream() = default;

SSL* SocketStream::tls() { return tls_ ? tls_->stream.native_handle() : nullptr; }

void SocketStream::start_handshake(Completion done) {
  tls_->stream.async_handshake(
      asio::ssl::stream_base::client,
      [done = std::move(done)](const error_code& error) mutable { done(error); });
}

void SocketStream::read(asio::mutable_buffer buffer, Completion done) {
  if (tls_) {
    tls_->stream.async_read_some(buffer, std::move(done));
  } else {
    socket_.async_read_some(buffer, std::move(done));
  }
}

void SocketStream::write(const WriteBuffers& buffers, Completion done) {
  if (on_write_) on_write_(buffers);
  if (tls_) {
    tls_->stream.async_write_some(buffers, std::move(done));
  } else {
    socket_.async_write_some(buffers, std::move(done));
  }
}

void SocketStream::shut_down() {
  error_code ignored;
  if (tls_) {
    // Sends close_notify without waiting for the server's.
    socket_.non_blocking(true, ignored);
    tls_->stream.shutdown(ignored);
  }
  socket_.shutdown(asio::socket_base::shutdown_send, ignored);
}

void SocketStream::close() {
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace steady::native
