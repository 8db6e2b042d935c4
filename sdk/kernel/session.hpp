#pragma once

#include <cstddef>
#include <cstdint>

#include "context.hpp"
#include "message.hpp"

namespace steady::kernel {

/// The sent messages of a session, over all of its connections: their numbers, and those that are
/// not acknowledged (docs/design/session-protocol.md). Without a session it is empty.
class Session {
 public:
  explicit Session(Context& context) : context_(context) {}
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  /// Forgets everything without a report.
  ~Session();

  /// A hello was sent, and the session has not ended since.
  bool has_begun = false;
  /// A welcome has arrived.
  bool is_known = false;
  /// Counts the sessions, and the connections that cannot have one.
  std::uint32_t count = 0;

  /// Number of the next message.
  double next() const { return next_; }
  double take_number() { return next_++; }
  /// The shell has sent messages with numbers below `next`. `unreported`: bytes of those that it
  /// has not reported and that are not acknowledged.
  void pass(double next, double unreported);
  /// The message was sent with its number.
  void keep(Message* message);

  /// Messages up to this number were handled.
  void acknowledge(double number);
  /// The reply to a message has arrived. False if none was expected.
  bool answered(std::uint32_t id);
  /// Takes back the newest message with this handle, which the platform rejects; null if there is
  /// none.
  Message* take_rejected(std::uint32_t handle);

  /// No frame of this size may be sent before more were acknowledged.
  bool is_full(double size) const {
    return frames() > 0 && (frames() >= context_.settings.session_window ||
                            size + frame_overhead > room_for_bytes());
  }
  /// Bytes of messages in the longest frame that may be sent after others.
  double room_for_bytes() const { return max_bytes - bytes_ - unreported_bytes_; }
  /// Bytes that may be sent, at least message_overhead for each message.
  double room() const;
  /// Everything was acknowledged.
  bool is_settled() const { return sent_.empty() && unsent_.empty(); }
  /// All up to this number were acknowledged, or dropped.
  bool is_settled(double number) const;

  /// The connection has ended: unacknowledged messages must be sent again, apart from
  /// messages that belong to the connection, which are dropped.
  void end_connection();
  /// The first message to send again; null if there is none.
  Message* unsent() const { return unsent_.first(); }
  Message* take_unsent();

  /// The session is over: takes the messages that were not acknowledged, and begins to count anew.
  MessageList take_unacknowledged();
  /// The same for those that expect a reply.
  MessageList take_unanswered();

 private:
  /// The longest that may be unacknowledged.
  static constexpr double max_bytes = 1 << 20;
  /// Bytes that a message may have in its frame in addition to its size: U+0010 before text, or a
  /// comma or a bracket of a batch, and the other bracket.
  static constexpr double frame_overhead = 2;

  void add_bytes(const Message& message) { bytes_ += message.size + frame_overhead; }
  void remove_bytes(const Message& message) { bytes_ -= message.size + frame_overhead; }
  double frames() const { return next_ - 1 - acknowledged_; }
  void acknowledge(MessageList& list, double number);
  void close_holes();

  Context& context_;
  double next_ = 1;
  double acknowledged_ = 0;
  /// Of messages that are not acknowledged, as frames.
  double bytes_ = 0;
  double unreported_bytes_ = 0;
  /// Number of the newest message in the lists below, while there is one.
  double newest_ = 0;
  /// Sent on the present connection and not acknowledged, oldest first.
  MessageList sent_;
  /// Sent on earlier connections only, oldest first; newer than those.
  MessageList unsent_;
  /// Acknowledged and waiting for a reply, oldest first.
  MessageList unanswered_;
};

}  // namespace steady::kernel
