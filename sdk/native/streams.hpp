#pragma once

#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/core/role.hpp>
#include <utility>

#include "asio.hpp"

// Stream types with their own async_teardown. Beast's default waits, without a limit, until the
// server closes its side of the TCP connection. After both close frames that wait is unnecessary.

namespace steady::native {

class PlainStream : public Tcp {
 public:
  explicit PlainStream(Tcp&& socket) : Tcp(std::move(socket)) {}
};

class TlsStream : public asio::ssl::stream<Tcp> {
 public:
  TlsStream(Tcp&& socket, asio::ssl::context& context)
      : asio::ssl::stream<Tcp>(std::move(socket), context) {}
};

namespace detail {

template <class Handler>
void finish_teardown(Tcp& socket, Handler&& handler) {
  error_code ignored;
  socket.shutdown(asio::socket_base::shutdown_send, ignored);
  asio::post(socket.get_executor(),
             boost::beast::bind_front_handler(std::forward<Handler>(handler), error_code()));
}

}  // namespace detail

/// Beast finds this by argument-dependent lookup.
template <class Handler>
void async_teardown(boost::beast::role_type, PlainStream& stream, Handler&& handler) {
  detail::finish_teardown(stream, std::forward<Handler>(handler));
}

template <class Handler>
void async_teardown(boost::beast::role_type, TlsStream& stream, Handler&& handler) {
  // Sends close_notify without waiting for the server's.
  error_code ignored;
  stream.next_layer().non_blocking(true, ignored);
  stream.shutdown(ignored);
  detail::finish_teardown(stream.next_layer(), std::forward<Handler>(handler));
}

}  // namespace steady::native
