#pragma once

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/core/role.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <utility>

#include "asio.hpp"
#include "completion.hpp"

namespace steady::native {

/// The beginning of a buffer sequence.
class WriteBuffers {
 public:
  using value_type = asio::const_buffer;
  using const_iterator = const asio::const_buffer*;

  template <class Buffers>
  explicit WriteBuffers(const Buffers& buffers) {
    const auto end = asio::buffer_sequence_end(buffers);
    for (auto at = asio::buffer_sequence_begin(buffers); at != end && count_ < all_.size(); ++at) {
      const asio::const_buffer one(*at);
      if (one.size() > 0) all_[count_++] = one;
    }
  }
  const_iterator begin() const { return all_.data(); }
  const_iterator end() const { return all_.data() + count_; }

 private:
  std::array<asio::const_buffer, 16> all_;
  std::size_t count_ = 0;
};

/// A TCP connection with or without TLS, as an AsyncStream of Beast. One type for both, so that
/// Beast's WebSocket is compiled once. Used on the network thread only.
class SocketStream {
 public:
  using executor_type = Executor;

  /// Without TLS if `tls` is null. Otherwise call async_handshake first.
  SocketStream(Tcp&& socket, asio::ssl::context* tls);
  SocketStream(const SocketStream&) = delete;
  SocketStream& operator=(const SocketStream&) = delete;
  /// Aborts operations.
  ~SocketStream();

  executor_type get_executor();
  /// Null without TLS.
  SSL* tls();

  /// Calls `observer` with the buffers of every write that follows.
  void on_write(std::function<void(const WriteBuffers&)> observer) {
    on_write_ = std::move(observer);
  }

  template <class Handler>
  void async_handshake(Handler&& handler) {
    start_handshake(Completion(memory(), std::forward<Handler>(handler)));
  }
  template <class Buffers, class Handler>
  void async_read_some(const Buffers& buffers, Handler&& handler) {
    const auto end = asio::buffer_sequence_end(buffers);
    asio::mutable_buffer first;
    for (auto at = asio::buffer_sequence_begin(buffers); at != end && first.size() == 0; ++at)
      first = *at;
    read(first, Completion(memory(), std::forward<Handler>(handler)));
  }
  template <class Buffers, class Handler>
  void async_write_some(const Buffers& buffers, Handler&& handler) {
    write(WriteBuffers(buffers), Completion(memory(), std::forward<Handler>(handler)));
  }

  /// Ends the sending direction after both close frames. Waits for nothing.
  void shut_down();
  /// Closes the TCP connection at once.
  void close();

 private:
  struct State;

  std::shared_ptr<HandlerMemory> memory() const;
  void start_handshake(Completion done);
  void read(asio::mutable_buffer buffer, Completion done);
  void write(const WriteBuffers& buffers, Completion done);

  /// Lives until the last operation has ended.
  const std::shared_ptr<State> state_;
  std::function<void(const WriteBuffers&)> on_write_;
};

// Beast finds these by argument-dependent lookup.

/// Called at the end of the idle timeout.
inline void beast_close_socket(SocketStream& stream) { stream.close(); }

/// Beast's default waits, without a limit, until the server closes its side of the TCP connection.
/// After both close frames that wait is unnecessary.
template <class Handler>
void async_teardown(boost::beast::role_type, SocketStream& stream, Handler&& handler) {
  stream.shut_down();
  asio::post(stream.get_executor(),
             boost::beast::bind_front_handler(std::forward<Handler>(handler), error_code()));
}

}  // namespace steady::native
