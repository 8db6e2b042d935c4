#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "../kernel/inputs.hpp"
#include "steady/runtime.hpp"
#include "steady/transport.hpp"

namespace steady::detail {

/// Sends a control frame. If the transport does not take it, its connection is ending.
inline void send_control(Transport& transport, std::string_view frame) {
  transport.send(Payload::borrowed(MessageKind::text, frame));
}

/// First character of control frames. Doubled in text messages of the user that begin with it.
inline constexpr char session_mark = '\x10';

/// Returns the subprotocols with those that ask for a session.
std::vector<std::string> with_session(std::vector<std::string> subprotocols);
/// True if the selected subprotocol is one with sessions.
bool has_session(std::string_view subprotocol);
/// Returns the subprotocol that the user knows.
std::string_view without_session(std::string_view subprotocol);

/// The frames of a session, and the numbers of both directions: docs/design/session-protocol.md.
/// The rules are in the kernel.
class SessionFrames {
 public:
  /// A connection has opened. `is_agreed`: it may have a session.
  void begin_connection(bool is_agreed) {
    end_connection();
    is_agreed_ = is_agreed;
  }
  void end_connection() {
    is_agreed_ = is_counting_ = false;
    expected_ = unknown;
  }
  /// Frames are those of the protocol.
  bool is_agreed() const { return is_agreed_; }
  /// The welcome has arrived: received messages are counted.
  bool is_counting() const { return is_counting_; }

  // --- Sending. ---

  /// Number of the next message.
  double next() const { return next_; }
  void set_next(double number) { next_ = number; }
  /// See CommandKind::hello.
  std::string hello(double generation, double received, bool is_new, Runtime& runtime);
  /// See CommandKind::control. `clock`: Runtime::wall_clock(), for an answer.
  std::string control(char letter, double b, double c = 0, double clock = 0);

  // --- Receiving. ---

  /// Reads a control frame. Returns the input for it, or nothing if it is for this object only.
  std::optional<kernel::Input> read(std::string_view frame, Generation attempt);
  /// The kernel has this input now. `is_member`: the connection has a session.
  void carried_out(const kernel::Input& control, bool is_member);
  /// A message has arrived. Returns its number, 0 if it is not counted, a negative number if there
  /// is none any more, and no value if it must be ignored.
  std::optional<double> take_message();
  /// It was not taken after all.
  void give_back_message();
  /// Number of the last message that was taken.
  double taken() const { return taken_; }

  /// Number of the last message that was handled, with all before it.
  double received() const { return received_; }
  void set_received(double number) { received_ = number; }
  void add_bytes(std::size_t bytes) { bytes_ += bytes; }
  /// There is something to acknowledge.
  bool has_news() const { return received_ > acknowledged_; }
  /// So much of it that it does not wait.
  bool has_many_bytes() const { return bytes_ >= many_bytes; }

 private:
  static constexpr double unknown = -1;
  /// Received bytes that are acknowledged at once.
  static constexpr std::size_t many_bytes = 32'768;

  void begin_epoch();

  std::string id_;
  std::string epoch_;
  /// Of the server's greeting.
  std::string life_;
  bool is_agreed_ = false;
  bool is_counting_ = false;
  /// Number in the hello of this connection.
  double said_ = 0;
  double next_ = 1;
  /// Number of the next received message.
  double expected_ = unknown;
  double taken_ = 0;
  double taken_before_ = 0;
  double received_ = 0;
  double acknowledged_ = 0;
  std::size_t bytes_ = 0;
};

/// A received message of a connection with sessions, of which the beginning is read.
class SessionInbound final : public Inbound {
 public:
  /// Both must outlive it. `buffer` is empty memory. A longer message than `max_bytes` is not read
  /// as a whole.
  SessionInbound(Inbound& inbound, InboundBuffer& buffer, std::size_t max_bytes);

  bool is_control() const { return is_control_; }
  /// The control frame, or its beginning if it is too long.
  std::string_view control() const { return buffer_.view(); }

  MessageKind kind() const override { return inbound_.kind(); }
  std::size_t size() const override { return inbound_.size() - (is_escaped_ ? 1 : 0); }
  /// Its bytes, at most: of text that was not read as a whole only the number of characters is
  /// known.
  std::size_t most_bytes() const { return most_bytes_; }
  Error read(InboundBuffer& buffer, std::size_t bytes) override;

 private:
  Inbound& inbound_;
  InboundBuffer& buffer_;
  bool is_control_ = false;
  bool is_escaped_ = false;
  /// buffer_ has the part that was read and must be passed on.
  bool has_begun_ = false;
  std::size_t most_bytes_;
};

}  // namespace steady::detail
