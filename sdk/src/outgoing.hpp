#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "payload_table.hpp"
#include "session_frames.hpp"
#include "steady/options.hpp"
#include "steady/transport.hpp"

namespace steady::detail {

/// Resolves the kernel's handles to payloads, and sends them on a Transport.
class Outgoing {
 public:
  /// Both must outlive it.
  Outgoing(const Options& options, SessionFrames& session)
      : options_(options), session_(session), first_message_(options.first_message) {}
  Outgoing(const Outgoing&) = delete;
  Outgoing& operator=(const Outgoing&) = delete;

  PayloadTable& payloads() { return payloads_; }

  /// Sets the first message of the next connections. Returns its size in bytes, -1 for none.
  double set_first_message(std::optional<std::string>&& message);

  /// Sets the number of bytes that may be sent without asking the kernel: see CommandKind::grant.
  void set_credit(double bytes) { credit_ = bytes; }
  /// True if there was credit, though it may be used up.
  bool has_grant() const { return credit_ != 0; }
  /// True if the credit covers a message of this size.
  bool covers(double size) const;
  /// Sends a message if credit is left, however large it is. Returns false if it was not sent; the
  /// kernel must be asked then. A sent message keeps a copy of borrowed bytes if `kept`.
  bool send_on_credit(Transport* transport, Payload& payload, bool kept);
  /// True if messages were sent within the credit since take_sent().
  bool has_sent() const { return !sent_.empty(); }
  /// Appends these messages to `sent`, unless `buffered`, the bytes in the transport's buffer, is
  /// 0: then all of them have left. In a session they are always appended.
  void take_sent(double buffered, std::vector<Payload>& sent);
  /// The transport has sent them all.
  void forget_sent() { sent_.clear(); }
  /// Clears the credit and the messages sent within it, when a connection begins or ends.
  void end_connection();

  /// Adds a message to the current frame: see CommandKind::transmit. Returns false if more messages
  /// follow.
  bool add(std::uint32_t handle, std::uint32_t bits, double number);
  /// Sends the frame. `transport` may be null.
  TransportSend send(Transport* transport);
  /// Returns the handles of the frame's messages.
  const std::vector<std::uint32_t>& frame() const { return frame_; }
  /// Clears the frame.
  void end_frame() { frame_.clear(); }

 private:
  /// Bytes of the credit that a message uses.
  double cost(double size) const;
  TransportSend send_frame(Transport* transport);
  TransportSend send(Transport* transport, const Payload& payload) const;

  const Options& options_;
  SessionFrames& session_;
  PayloadTable payloads_;
  std::optional<std::string> first_message_;
  std::vector<std::uint32_t> frame_;
  /// Its number in the session, 0 for none.
  double number_ = 0;
  double credit_ = 0;
  /// Messages sent within the credit and not reported to the kernel yet.
  std::vector<Payload> sent_;
  bool is_batch_ = false;
};

}  // namespace steady::detail
