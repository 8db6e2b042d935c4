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

/// Numbers the attempts of one Socket, from 1. An event that carries an old number is dropped.
using Generation = std::uint32_t;

/// Memory for one received message, used again for the next. Growing it never aborts.
class InboundBuffer {
 public:
  InboundBuffer() = default;
  InboundBuffer(const InboundBuffer&) = delete;
  InboundBuffer& operator=(const InboundBuffer&) = delete;
  ~InboundBuffer();

  /// Makes room for `capacity` bytes and keeps what was written: size() bytes. False if memory is
  /// short; the buffer is then as it was.
  [[nodiscard]] bool reserve(std::size_t capacity);
  /// Exchanges the memory of both.
  void swap(InboundBuffer& other) {
    std::swap(data_, other.data_);
    std::swap(capacity_, other.capacity_);
    std::swap(size_, other.size_);
  }
  /// Gives the memory back if it is above `limit` bytes.
  void shrink_above(std::size_t limit);

  /// Where it begins.
  char* data() { return data_; }
  /// The bytes that there is memory for.
  std::size_t capacity() const { return capacity_; }
  /// Says how many bytes were written; at most capacity().
  void set_size(std::size_t size) { size_ = size; }
  /// The bytes that were written.
  std::size_t size() const { return size_; }
  /// What was written. Valid until reserve(), swap() or the end of the buffer.
  std::string_view view() const { return {data_, size_}; }

 private:
  char* data_ = nullptr;
  std::size_t capacity_ = 0;
  std::size_t size_ = 0;
};

/// A message that has arrived and is still in the platform's hands.
class Inbound {
 public:
  /// The whole message.
  static constexpr std::size_t all = std::numeric_limits<std::size_t>::max();

  virtual ~Inbound() = default;
  /// Whether it came as text or as bytes.
  virtual MessageKind kind() const = 0;
  /// A lower bound of its size in bytes.
  virtual std::size_t size() const = 0;
  /// Adds to `buffer` what of the payload was not read yet, until about `bytes` bytes are there;
  /// text as UTF-8. The first call finds the buffer empty.
  /// Errors: ErrorCode::out_of_memory.
  virtual Error read(InboundBuffer& buffer, std::size_t bytes) = 0;
};

/// Hears one Transport. Called from the event loop only, never from inside a call of the Transport.
class TransportListener {
 public:
  virtual ~TransportListener() = default;
  /// The connection is open.
  virtual void on_open(Generation generation) = 0;
  /// False if nobody should see the message: it is of an old generation, or came after close().
  virtual bool on_message(Generation generation, Inbound& message) = 0;
  /// on_close follows. ErrorCode::blocked says that another attempt would fail as well.
  virtual void on_error(Generation generation, const Error& error) = 0;
  /// The last call for this generation. `will_retry` is not for the Transport to say.
  virtual void on_close(Generation generation, CloseInfo info) = 0;
};

/// What an attempt needs to know. Checked by the core, but for the headers: no control characters,
/// valid tokens.
struct ConnectRequest {
  /// ws: or wss:, validated.
  std::string url = {};
  /// In the order of preference, validated.
  std::vector<std::string> subprotocols = {};
  /// What every event of the transport carries.
  Generation generation = 0;
  /// For the handshake. The Transport checks them; one that cannot send any answers not_supported.
  std::vector<HeaderField> headers = {};
};

/// What Transport::send did.
enum class TransportSend : std::uint8_t {
  taken,     ///< The platform has it.
  not_open,  ///< The connection is going down; a close event follows. Send it on the next one.
  refused,   ///< The platform will never take this payload.
};

/// What a Socket lets its platform do by itself, so that a message which needs no decision costs no
/// call: the case of a platform whose own language (JavaScript) reads and writes messages, too.
struct Grant {
  /// Received messages need not be shown to TransportListener::on_message.
  bool receive = false;
  /// Received texts may be batches: see BatchOptions.
  bool batched = false;
  /// Bytes that may be sent without Transport::send, in the order of the calls.
  std::size_t send_credit = 0;
  /// The reply to a ping (HeartbeatOptions::reply) is looked for among received messages: whoever
  /// reads them calls Socket::heartbeat_answered().
  bool seeks_reply = false;

  /// All members are equal.
  bool operator==(const Grant&) const = default;
};

/// One real WebSocket, used once.
///
/// No listener call comes from inside open, send or close. Destroying a Transport abandons its
/// connection at once, without waiting for a handshake; nothing is called after that. A listener
/// call may destroy the Transport that makes it.
class Transport {
 public:
  virtual ~Transport() = default;

  /// Begins to connect. An error means that no event will follow.
  /// Errors: invalid_url, invalid_subprotocol, invalid_option, not_supported, blocked.
  virtual Error open(const ConnectRequest& request, TransportListener& listener) = 0;

  /// Hands a message over.
  virtual TransportSend send(const Payload& payload) = 0;

  /// Hands several JSON texts over as one message: an array of them, in this order. All of them
  /// are external payloads. Only for transports that know such.
  virtual TransportSend send_batch(std::span<const Payload* const> payloads) {
    static_cast<void>(payloads);
    return TransportSend::refused;
  }

  /// True if grant() is wanted.
  virtual bool takes_grants() const { return false; }
  /// What holds from now on, instead of what was granted before; nothing at first.
  virtual void grant(const Grant& grant) { static_cast<void>(grant); }

  /// Begins the close handshake. `code` 0 sends none; otherwise both were checked by the core.
  virtual void close(std::uint16_t code, std::string_view reason) = 0;

  /// Adds what was sent within the grant (Grant::send_credit) since the last call, oldest first.
  /// What has left already may be missing, unless the connection has ended. For transports that
  /// take grants.
  virtual void take_sent(std::vector<Payload>& sent) { static_cast<void>(sent); }

  /// Whether messages have come since the last call that were not shown to the listener: see
  /// Grant::receive.
  virtual bool take_heard() { return false; }

  /// Bytes handed over and not yet on the wire; after the end of a connection, those that were not.
  virtual std::size_t buffered_amount() const = 0;

  /// The subprotocol that the server picked; empty before that, or if it picked none.
  virtual std::string subprotocol() const = 0;
};

}  // namespace steady
