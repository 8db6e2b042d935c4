#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "steady/close_info.hpp"
#include "steady/error.hpp"
#include "steady/header_field.hpp"
#include "steady/payload.hpp"

namespace steady {

/// Number of an attempt of one Socket, from 1. An event with the number of an earlier attempt is
/// dropped.
using Generation = std::uint32_t;

/// Buffer for one received message, reused for the next. Reports a failed allocation and never
/// aborts.
class InboundBuffer {
 public:
  InboundBuffer() = default;
  InboundBuffer(const InboundBuffer&) = delete;
  InboundBuffer& operator=(const InboundBuffer&) = delete;
  ~InboundBuffer();

  /// Grows the capacity to `capacity` bytes and keeps the first size() bytes. Returns false if the
  /// memory cannot be allocated; the buffer is unchanged then.
  [[nodiscard]] bool reserve(std::size_t capacity);
  /// Swaps the memory of both buffers.
  void swap(InboundBuffer& other) {
    std::swap(data_, other.data_);
    std::swap(capacity_, other.capacity_);
    std::swap(size_, other.size_);
  }
  /// Frees the memory if the capacity is above `limit` bytes.
  void shrink_above(std::size_t limit);

  /// Returns the beginning of the memory; null if nothing is allocated.
  char* data() { return data_; }
  /// Returns the capacity in bytes.
  std::size_t capacity() const { return capacity_; }
  /// Sets the number of written bytes. At most capacity().
  void set_size(std::size_t size) { size_ = size; }
  /// Returns the number of written bytes.
  std::size_t size() const { return size_; }
  /// Returns the written bytes. Valid until reserve(), swap(), shrink_above() or destruction.
  std::string_view view() const { return {data_, size_}; }

 private:
  char* data_ = nullptr;
  std::size_t capacity_ = 0;
  std::size_t size_ = 0;
};

/// A received message whose payload was not copied from the platform yet.
class Inbound {
 public:
  /// Number of bytes for the whole message: see read().
  static constexpr std::size_t all = std::numeric_limits<std::size_t>::max();

  virtual ~Inbound() = default;
  /// Text or binary.
  virtual MessageKind kind() const = 0;
  /// Returns a lower bound of its size in bytes.
  virtual std::size_t size() const = 0;
  /// Appends the next part of the payload to `buffer`, until that has about `bytes` bytes. Text is
  /// UTF-8. The buffer must be empty before the first call.
  /// Errors: ErrorCode::out_of_memory.
  virtual Error read(InboundBuffer& buffer, std::size_t bytes) = 0;
};

/// Listener of one Transport. Called from the event loop only, never from inside a call of the
/// Transport.
class TransportListener {
 public:
  virtual ~TransportListener() = default;
  /// The connection has opened.
  virtual void on_open(Generation generation) = 0;
  /// A message has arrived. Returns false if it must not be dispatched: it belongs to an old
  /// generation, or arrived after close().
  virtual bool on_message(Generation generation, Inbound& message) = 0;
  /// The connection or the attempt has failed; on_close follows. With ErrorCode::blocked, another
  /// attempt would fail as well.
  virtual void on_error(Generation generation, const Error& error) = 0;
  /// The connection or the attempt has ended. Last call of this generation. CloseInfo::will_retry
  /// is ignored.
  virtual void on_close(Generation generation, CloseInfo info) = 0;
  /// A step of the attempt or the connection was made, such as "resolved example.org: 192.0.2.1".
  /// Called only if ConnectRequest::reports_steps is set. `text` is UTF-8, without line breaks.
  virtual void on_step(Generation generation, std::string_view text) {
    static_cast<void>(generation);
    static_cast<void>(text);
  }
};

/// Parameters of an attempt. All but the headers are validated by the core.
struct ConnectRequest {
  /// ws: or wss: URL.
  std::string url = {};
  /// Subprotocols, in order of preference.
  std::vector<std::string> subprotocols = {};
  /// Passed with every event of the Transport.
  Generation generation = 0;
  /// Header fields of the handshake request: see HeaderField. Validated by the Transport; one that
  /// cannot send headers returns not_supported from open().
  std::vector<HeaderField> headers = {};
  /// Steps are reported to TransportListener::on_step, for Options::log.
  bool reports_steps = false;
};

/// Result of Transport::send.
enum class TransportSend : std::uint8_t {
  taken,     ///< The message is in the platform's send buffer.
  not_open,  ///< The connection is ending; on_close follows. Send it on the next connection.
  refused,   ///< The platform will never accept this payload.
};

/// Permissions of a platform to send and receive messages without calling the Socket, which saves a
/// call for messages that need no decision. For platforms on which another language (JavaScript)
/// sends and receives on the same connection.
struct Grant {
  /// Received messages may bypass TransportListener::on_message.
  bool receive = false;
  /// Received text messages may be batches: see BatchOptions.
  bool batched = false;
  /// Bytes that may be sent without Transport::send, in order with its calls.
  std::size_t send_credit = 0;
  /// The reader of received messages must call Socket::heartbeat_answered() for the reply to a ping
  /// (HeartbeatOptions::reply).
  bool seeks_reply = false;
  /// The connection has a session (Options::session), and nothing else is granted. A text frame
  /// that begins with U+0010 is sent with one more, also if its payload is external, and passed to
  /// readers with one less.
  bool in_session = false;

  /// Compares all members.
  bool operator==(const Grant&) const = default;
};

/// One WebSocket connection of the platform, used once.
///
/// The listener is not called from inside open, send or close. The destructor aborts the connection
/// at once, without a close handshake; the listener is not called after that. The listener may
/// destroy the Transport that calls it.
class Transport {
 public:
  virtual ~Transport() = default;

  /// Starts to connect. If it returns an error, the listener is not called.
  /// Errors: invalid_url, invalid_subprotocol, invalid_option, not_supported, blocked.
  virtual Error open(const ConnectRequest& request, TransportListener& listener) = 0;

  /// Sends a message.
  virtual TransportSend send(const Payload& payload) = 0;

  /// Sends several JSON payloads as one text message: an array of them, in this order. All are
  /// external payloads. For transports that support those; the default returns `refused`.
  virtual TransportSend send_batch(std::span<const Payload* const> payloads) {
    static_cast<void>(payloads);
    return TransportSend::refused;
  }

  /// Returns true if the Transport supports grant().
  virtual bool takes_grants() const { return false; }
  /// Replaces the current Grant. Initially nothing is granted.
  virtual void grant(const Grant& grant) { static_cast<void>(grant); }

  /// Starts the close handshake. A `code` of 0 sends a close frame without a code; otherwise both
  /// arguments are validated by the core.
  virtual void close(std::uint16_t code, std::string_view reason) = 0;

  /// Appends the messages that were sent within Grant::send_credit since the last call, oldest
  /// first. Messages that have left the platform's send buffer may be omitted, unless the
  /// connection has ended. For transports that support grants.
  virtual void take_sent(std::vector<Payload>& sent) { static_cast<void>(sent); }

  /// Returns true if messages have bypassed the listener since the last call: see Grant::receive.
  virtual bool take_heard() { return false; }

  /// Returns the bytes in the platform's send buffer: sent, and not yet on the wire. After the end
  /// of the connection, the bytes that were never transmitted.
  virtual std::size_t buffered_amount() const = 0;

  /// Returns the subprotocol that the server selected. Empty before the connection is open, or if
  /// the server selected none.
  virtual std::string subprotocol() const = 0;
};

}  // namespace steady
