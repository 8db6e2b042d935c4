#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

namespace steady::kernel {

/// Properties of a message, as bits. Those from `own` on are the kernel's and not for `send`.
enum MessageFlag : std::uint32_t {
  high_priority = 1,       ///< Goes before waiting messages of normal priority.
  is_volatile = 2,         ///< Sent now or dropped.
  connection_only = 4,     ///< Sent on the present connection or dropped.
  track = 8,               ///< Its outcome is reported.
  expects_reply = 16,      ///< Kept until `answered`.
  repeat_unanswered = 32,  ///< Sent again if its connection ends without a reply.
  is_json = 64,            ///< May travel in a batch.
  is_external = 128,       ///< Only messages that agree in this bit are joined in one frame.
  own = 256,               ///< The library's own, such as a ping: its fate is not reported.
  greeting = 512,          ///< Sent before the queue: see InputKind::greeting.
  joined = 1024,           ///< Sent in one frame with the message before it.
};

/// Handles of the kernel's own messages.
inline constexpr std::uint32_t first_message_handle = 1;
inline constexpr std::uint32_t ping_handle = 2;
/// Handles of others are not below.
inline constexpr std::uint32_t first_free_handle = 3;

/// Bytes that every message uses of a credit in addition to its size. Bounds the number of small
/// messages.
inline constexpr std::uint32_t message_overhead = 32;

/// A time that is never reached.
inline constexpr double never = std::numeric_limits<double>::infinity();

/// A message that waits, or that the platform was given. Payloads stay in the shell: `handle` names
/// one, and 0 none.
struct Message {
  Message* next = nullptr;
  Message* previous = nullptr;
  /// The public id; 0 while the message needs none.
  std::uint32_t id = 0;
  std::uint32_t handle = 0;
  /// MessageFlag bits.
  std::uint32_t flags = 0;
  /// Names a SendOptions::key; 0 is none.
  std::uint32_t key = 0;
  /// Bytes on the wire.
  double size = 0;
  /// Number in the session, from 1; 0 before it is sent, and without a session.
  double number = 0;
  /// Time after which it must not be sent.
  double expires_at = never;

  bool has(MessageFlag flag) const { return (flags & flag) != 0; }
  void remove(MessageFlag flag) { flags &= ~static_cast<std::uint32_t>(flag); }
};

/// A new message, whose owner destroys it.
Message* make_message(std::uint32_t handle, double size, std::uint32_t flags);

/// A doubly linked list of messages that it does not own.
class MessageList {
 public:
  Message* first() const { return first_; }
  Message* last() const { return last_; }
  std::size_t size() const { return size_; }
  bool empty() const { return first_ == nullptr; }

  /// Inserts before `position`; null is the end.
  void insert(Message* message, Message* position) {
    Message* const previous = position != nullptr ? position->previous : last_;
    message->next = position;
    message->previous = previous;
    (previous != nullptr ? previous->next : first_) = message;
    (position != nullptr ? position->previous : last_) = message;
    ++size_;
  }

  /// Destroys the messages.
  void clear() {
    while (first_ != nullptr) delete take(first_);
  }

  /// Removes a message of this list.
  Message* take(Message* message) {
    (message->previous != nullptr ? message->previous->next : first_) = message->next;
    (message->next != nullptr ? message->next->previous : last_) = message->previous;
    --size_;
    return message;
  }

 private:
  Message* first_ = nullptr;
  Message* last_ = nullptr;
  std::size_t size_ = 0;
};

/// The message with this id that expects a reply; null if there is none. Replies are mostly to the
/// newest.
Message* find_expecting(const MessageList& list, std::uint32_t id);

}  // namespace steady::kernel
