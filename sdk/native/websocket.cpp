#include <algorithm>
#include <boost/asio/ssl/error.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/websocket/error.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <boost/beast/websocket/stream_base.hpp>
#include <exception>
#include <functional>
#include <limits>
#include <stdexcept>
#include <utility>

#include "handler_memory.hpp"
#include "handshake.hpp"
#include "link.hpp"
#include "socket_stream.hpp"
#include "steady/version.hpp"
#include "tls.hpp"

// The only file that uses Beast's WebSocket stream, which is slow to compile.

namespace steady::native {

namespace beast = boost::beast;

const char* const default_agent = "steadysocket/" STEADYSOCKET_VERSION;

namespace {

/// Maximum payload of a frame, in bytes. A larger message is split, so that pongs can be sent in
/// between and the buffered amount decreases while it is written.
constexpr std::size_t frame_bytes = std::size_t{64} << 10;

/// Status of the response before the server has answered.
constexpr unsigned no_response = 0;

/// A ReceivedMessage as a DynamicBuffer_v1 of Asio.
class MessageBuffer {
 public:
  using const_buffers_type = asio::const_buffer;
  using mutable_buffers_type = asio::mutable_buffer;

  /// Allows one byte more than `max_message`: Beast checks the size of a compressed message only
  /// after inflating, so it can detect one that is too large only if that fits.
  MessageBuffer(std::unique_ptr<ReceivedMessage>& message, std::size_t max_message)
      : message_(message),
        max_size_(std::min(max_message, std::numeric_limits<std::size_t>::max() - 1) + 1) {}

  std::size_t size() const { return bytes().size(); }
  std::size_t max_size() const { return max_size_; }
  std::size_t capacity() const { return bytes().capacity(); }
  const_buffers_type data() const { return {bytes().data(), bytes().size()}; }

  mutable_buffers_type prepare(std::size_t more) {
    InboundBuffer& buffer = bytes();
    // Beast passes the size that a compressed frame claims unchecked, up to 2^64 - 1.
    const std::size_t room = max_size_ - buffer.size();
    more = std::min(more, room);
    const std::size_t wanted = buffer.size() + more;
    const std::size_t doubled =
        buffer.capacity() < max_size_ / 2 ? 2 * buffer.capacity() : max_size_;
    const bool fits =
        room > 0 && (wanted <= buffer.capacity() || buffer.reserve(std::max(wanted, doubled)) ||
                     buffer.reserve(wanted));
    // Beast converts this to error::buffer_overflow.
    if (!fits) throw std::length_error("a received message");
    return {buffer.data() + buffer.size(), more};
  }
  void commit(std::size_t more) { bytes().set_size(bytes().size() + more); }
  void consume(std::size_t) { bytes().set_size(0); }

 private:
  InboundBuffer& bytes() const { return message_->bytes; }

  std::unique_ptr<ReceivedMessage>& message_;
  std::size_t max_size_;
};

bool is_end_of_stream(const error_code& error) {
  return error == asio::error::eof || error == asio::ssl::error::stream_truncated ||
         error == http::error::end_of_stream;
}

/// True for a ping without a payload, as Beast sends for keep_alive: one buffer of 6 bytes (RFC
/// 6455 5.2), whose first two are these. The rest of a message that was written in parts could look
/// the same only by chance.
bool is_ping(const WriteBuffers& buffers) {
  const auto first = buffers.begin();
  if (buffers.end() - first != 1 || first->size() != 6) return false;
  const auto* const bytes = static_cast<const unsigned char*>(first->data());
  return bytes[0] == 0x89 && bytes[1] == 0x80;
}

/// Converts the error of an open connection that ended without a closing handshake.
Ending failure_of(const error_code& error) {
  // A lost connection is not an error: only a close event is reported.
  if (is_end_of_stream(error)) {
    return {{}, {.reason = "the server closed the connection without a close frame"}};
  }
  Error why{ErrorCode::connection_failed, "the connection failed: " + error.message()};
  if (error == websocket::error::message_too_big) {
    why = {ErrorCode::message_too_large,
           "a received message is larger than NativeOptions::max_message_bytes"};
  } else if (error == websocket::error::buffer_overflow) {
    why = {ErrorCode::out_of_memory, "a received message does not fit in memory"};
  } else if (error == websocket::error::bad_frame_payload) {
    why.message = "the server sent text that is not valid UTF-8";
  } else if (error == beast::error::timeout) {
    why.message = "nothing was received from the server within the keep-alive time";
  }
  CloseInfo info{.reason = why.message};
  return {std::move(why), std::move(info)};
}

class WebSocketLink final : public Link, public std::enable_shared_from_this<WebSocketLink> {
 public:
  WebSocketLink(Tcp&& socket, Opening opening, std::shared_ptr<EventQueue> events,
                std::shared_ptr<SendBuffer> send_buffer)
      : opening_(std::move(opening)),
        events_(std::move(events)),
        send_buffer_(std::move(send_buffer)),
        ws_(std::move(socket), opening_.tls.get()),
        message_(std::make_unique<ReceivedMessage>()),
        buffer_(message_, opening_.options->max_message_bytes) {}

  void start() override {
    if (opening_.tls) {
      start_tls();
    } else {
      start_handshake();
    }
  }

  void wake() override {
    if (!is_open_) {
      if (send_buffer_->has_close_frame())
        end({{}, {.reason = "closed before the connection was open"}});
      return;
    }
    if (!is_reading_ && !is_closing_ && events_->has_room()) {
      expect_traffic(true);
      read();
    }
    write();
  }

  void abandon() override {
    has_ended_ = true;
    cut();
  }

 private:
  auto self() { return shared_from_this(); }

  void cut() { ws_.next_layer().close(); }

  void end(Ending ending) {
    if (std::exchange(has_ended_, true)) return;
    send_buffer_->shut();
    events_->end(std::move(ending));
    cut();
  }

  /// `response` is set if the server has refused the handshake with it.
  void fail_opening(const std::string& why,
                    std::shared_ptr<const HandshakeResponse> response = nullptr) {
    end({{ErrorCode::connection_failed, why, std::move(response)}, {.reason = why}});
  }

  void start_tls() {
    const error_code refused =
        expect_host(ws_.next_layer().tls(), opening_.address.host, opening_.options->tls);
    if (refused) return fail_opening(refused.message());
    ws_.next_layer().async_handshake([self = self()](const error_code& error, std::size_t) {
      if (self->has_ended_) return;
      if (!error) return self->on_tls();
      self->fail_opening(explain_handshake(self->ws_.next_layer().tls(), error));
    });
  }

  void on_tls() {
    if (opening_.steps) {
      opening_.steps("TLS established: " + describe_tls(ws_.next_layer().tls()));
    }
    start_handshake();
  }

  /// Starts or stops the keep-alive timer. It is stopped while reading is paused: traffic that is
  /// not read cannot be noticed.
  void expect_traffic(bool is_expected) {
    const auto& keep_alive = opening_.options->keep_alive;
    if (!keep_alive) return;
    websocket::stream_base::timeout limits{websocket::stream_base::none(),
                                           websocket::stream_base::none(), true};
    if (is_expected) limits.idle_timeout = *keep_alive;
    ws_.set_option(limits);
  }

  void start_handshake() {
    try {
      send_handshake();
    } catch (const std::exception& error) {
      // A field exceeds Beast's limit, or memory is exhausted.
      fail_opening(std::string("the handshake cannot be sent: ") + error.what());
    }
  }

  void send_handshake() {
    const NativeOptions& options = *opening_.options;
    response_.result(no_response);
    ws_.set_option(websocket::stream_base::decorator(
        [this](websocket::request_type& request) { add_fields(request, opening_); }));
    ws_.set_option(deflate(options.compression));
    expect_traffic(true);
    ws_.read_message_max(options.max_message_bytes);
    ws_.auto_fragment(false);
    ws_.write_buffer_bytes(frame_bytes);
    ws_.async_handshake(response_, host_field(opening_.address), opening_.address.target,
                        [self = self()](const error_code& error) {
                          if (!self->has_ended_) self->on_handshake(error);
                        });
    if (opening_.steps) report_traffic();
  }

  void report_traffic() {
    const std::string& target = opening_.address.target;
    opening_.steps("handshake sent: GET " + target.substr(0, target.find('?')));
    ws_.control_callback([this](websocket::frame_type kind, beast::string_view) {
      if (kind == websocket::frame_type::ping) opening_.steps("received a ping");
      if (kind == websocket::frame_type::pong) opening_.steps("received a pong");
    });
    // Beast sends the pings of keep_alive itself and reports none.
    ws_.next_layer().on_write([this](const WriteBuffers& buffers) {
      if (is_ping(buffers)) opening_.steps("sent a ping");
    });
  }

  void on_handshake(const error_code& error) {
    // Replaced if the server has sent one, acceptable or not.
    const bool is_answered = response_.result_int() != no_response;
    if (is_answered && opening_.steps) {
      opening_.steps("the server answered " + status_of(response_) + selection_of(response_));
    }
    if (error == websocket::error::upgrade_declined) {
      return fail_opening("the server answered " + status_of(response_), shown(response_));
    }
    if (is_end_of_stream(error)) {
      return fail_opening("the server closed the connection before answering the handshake");
    }
    if (error) {
      return fail_opening("the handshake failed: " + error.message(),
                          is_answered ? shown(response_) : nullptr);
    }
    const std::string fault = fault_in_response(response_, opening_);
    if (!fault.empty()) return fail_opening(fault, shown(response_));
    is_open_ = true;
    const auto picked = response_[http::field::sec_websocket_protocol];
    events_->open(std::string(picked.data(), picked.size()));
    response_ = {};
    read();
    // Messages or a close frame may be in the send buffer already.
    write();
  }

  void read() {
    is_reading_ = true;
    ws_.async_read(buffer_, AllocatorBinder(read_memory_,
                                            [self = self()](const error_code& error, std::size_t) {
                                              self->is_reading_ = false;
                                              self->on_read(error);
                                            }));
  }

  void on_read(const error_code& error) {
    if (has_ended_) return;
    if (error == websocket::error::closed) return end_with_reason();
    // async_close reads frames itself, and aborts this read.
    if (is_closing_ && error == asio::error::operation_aborted) return;
    if (error) return end(failure_of(error));
    if (is_closing_) return;
    message_->kind = ws_.got_text() ? MessageKind::text : MessageKind::binary;
    if (events_->push(message_)) {
      read();
    } else {
      expect_traffic(false);
    }
  }

  void write() {
    if (is_writing_ || is_closing_ || has_ended_) return;
    if (!has_outgoing_) {
      has_outgoing_ = send_buffer_->take(outgoing_);
      written_ = 0;
      if (!has_outgoing_) {
        if (auto close_frame = send_buffer_->take_close_frame()) close(*close_frame);
        return;
      }
      ws_.text(outgoing_.kind == MessageKind::text);
      if (opening_.steps && outgoing_.bytes.size() > frame_bytes) report_frames();
    }
    const std::size_t size = std::min(frame_bytes, outgoing_.bytes.size() - written_);
    const bool is_last = written_ + size == outgoing_.bytes.size();
    is_writing_ = true;
    ws_.async_write_some(is_last, asio::buffer(outgoing_.bytes.data() + written_, size),
                         AllocatorBinder(write_memory_, [self = self(), size, is_last](
                                                            const error_code& error, std::size_t) {
                           self->is_writing_ = false;
                           self->on_written(error, size, is_last);
                         }));
  }

  void report_frames() {
    const std::size_t bytes = outgoing_.bytes.size();
    opening_.steps("a message of " + std::to_string(bytes) + " bytes is sent in " +
                   std::to_string((bytes + frame_bytes - 1) / frame_bytes) + " frames");
  }

  void on_written(const error_code& error, std::size_t size, bool is_last) {
    if (has_ended_) return;
    if (error) return end(failure_of(error));
    send_buffer_->written(size);
    written_ += size;
    has_outgoing_ = !is_last;
    write();
  }

  void close(const CloseFrame& close_frame) {
    is_closing_ = true;
    // async_close does not stop the idle timer. Its timeout would be passed to the suspended read,
    // where Beast asserts that there is no error. The core limits the duration of a close
    // (Options::close_timeout).
    expect_traffic(false);
    websocket::close_reason reason;
    if (close_frame.code != 0) {
      reason.code = close_frame.code;
      reason.reason = close_frame.reason;
    }
    ws_.async_close(reason, [self = self()](const error_code& error) {
      if (self->has_ended_) return;
      if (error) {
        self->end(failure_of(error));
      } else {
        self->end_with_reason();
      }
    });
  }

  /// Call when both close frames were exchanged.
  void end_with_reason() {
    const websocket::close_reason& reason = ws_.reason();
    end({{},
         {.code = reason.code == websocket::close_code::none ? close_code::no_status : reason.code,
          .reason = std::string(reason.reason.data(), reason.reason.size()),
          .was_clean = true}});
  }

  const Opening opening_;
  const std::shared_ptr<EventQueue> events_;
  const std::shared_ptr<SendBuffer> send_buffer_;
  /// Declared before the stream, whose operations allocate from these.
  HandlerMemory read_memory_;
  HandlerMemory write_memory_;
  websocket::stream<SocketStream> ws_;
  websocket::response_type response_;

  std::unique_ptr<ReceivedMessage> message_;
  MessageBuffer buffer_;
  OutgoingFrame outgoing_;
  bool has_outgoing_ = false;
  /// Bytes of `outgoing_` that were written.
  std::size_t written_ = 0;

  bool is_open_ = false;
  bool is_reading_ = false;
  bool is_writing_ = false;
  bool is_closing_ = false;
  bool has_ended_ = false;
};

}  // namespace

std::shared_ptr<Link> make_link(Tcp socket, Opening opening, std::shared_ptr<EventQueue> events,
                                std::shared_ptr<SendBuffer> send_buffer) {
  return std::make_shared<WebSocketLink>(std::move(socket), std::move(opening), std::move(events),
                                         std::move(send_buffer));
}

}  // namespace steady::native
