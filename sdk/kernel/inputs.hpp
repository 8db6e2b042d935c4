#pragma once

#include <cstdint>

namespace steady::kernel {

/// Everything that can happen to a socket. The numbers a to e of an Input are described per kind;
/// times are milliseconds. An input that names an attempt which is over has no effect.
enum class InputKind : std::uint8_t {
  // Calls of the user. They return an ErrorCode unless stated otherwise.
  start,    ///< Watch the platform. a: ErrorCode of invalid options, which close the socket, or 0.
            ///< b: 1 to begin suspended.
  connect,  ///< Make an attempt now.
  suspend,  ///< Give up the connection and make no attempt.
  resume,   ///< Make an attempt if suspended.
  reconnect,  ///< Begin anew. a: close code for the old connection, 0 for none.
  close,      ///< a: close code, 0 for none. b: the longest flush, negative for no flush. Returns 1
              ///< if it has begun, 0 if the socket is closing or closed already.
  send,       ///< a: handle. b: bytes. c: MessageFlag bits. d: time to live, negative for none. e:
              ///< key. Returns what `sent_with_id` describes.
  cancel,     ///< a: message id. Returns 1 if it was waiting.
  answered,   ///< a: message id. Returns 1 if a reply was expected.
  drained,    ///< Report `drained` when nothing waits any more.
  delivered,  ///< Report `delivered` when everything sent so far was acknowledged or dropped.

  // Events of one attempt. a: its number.
  provided,         ///< Connect with these. b: bytes of the first message, negative for none.
  provider_failed,  ///< b: ErrorCode. c: delay that was asked for, negative for none.
  open_failed,      ///< The transport could not be made. b: ErrorCode.
  opened,           ///< b: OpenBit bits. c: 1 if the transport takes grants.
  greeting,  ///< Send before the queue. b: handle. c: bytes. d: MessageFlag bits. Returns 1 if
             ///< it was sent.
  greeted,   ///< The queue may go.
  greeting_failed,  ///< b: ErrorCode. c: delay that was asked for, negative for none.
  error,            ///< b: ErrorCode.
  closed,           ///< b: close code. c: 1 if it was clean. d: delay that the server asked for,
                    ///< negative for none.
  control,  ///< A control frame of the session. b: its letter, 0 if it is malformed. c to e:
            ///< its numbers, see Life::control.
  message,  ///< A message has arrived. Returns 1 if it may be dispatched.

  // Results of commands.
  decided,          ///< a: CloseAction, or negative to apply the rules.
  not_transmitted,  ///< a: handle. b: 1 if the platform rejects the message, 0 if the connection is
  ///< not open. If that changes what the last `send` has returned, returns that, otherwise
  ///< 0.
  again,      ///< Continue: see CommandKind::again. Returns the same as `not_transmitted`.
  task_over,  ///< See CommandKind::defer.

  // The platform and the shell.
  sent,  ///< A message was sent within a grant. a: handle. b: bytes. c: MessageFlag bits. d: its
         ///< number in the session, 0 for none.
  received,  ///< Moment::received has reached Kernel::receipt_due(). a: 1 to acknowledge at once,
             ///< since there were many bytes.
  spent,     ///< The credit of the grant is used up. It is renewed if there is room. a: number of
             ///< the next message in the session, if messages were not reported with `sent`. b:
             ///< their bytes.
  timer,     ///< Kernel::next_deadline() has come.
  hint,      ///< a: Hint.
  pong,      ///< The message that answers a ping has arrived.
  read_all,  ///< a: 1 if every received message must be shown to `message`.
  inbound_full,     ///< Received messages have no room left: the connection is given up.
  inbound_drained,  ///< They have room again.
};

/// The result of InputKind::send: 0 if the message was sent, or its id if it is queued. If it was
/// sent and has an id as well, `sent_with_id` more than the id. If it was rejected, the negative
/// DropReason; if it was dropped, `was_dropped` less than that.
inline constexpr double sent_with_id = 0x1p32;
inline constexpr double was_dropped = 0x1p8;

/// Bits of InputKind::opened.
enum OpenBit : std::uint8_t {
  opened_batching = 1,  ///< Batches were agreed on.
  opened_session = 2,   ///< The session protocol was.
};

/// One input.
struct Input {
  InputKind kind;
  double a = 0;
  double b = 0;
  double c = 0;
  double d = 0;
  double e = 0;
};

/// The state of the platform at the time of an input.
struct Moment {
  /// Milliseconds, never going back; negative for that of the last input, which is enough for a
  /// `send` without a time to live, for `spent`, and for a `message` unless Kernel::awaits_pong().
  double now = -1;
  /// Uniform in [0, 1). Read only when an attempt or a connection ends.
  double random = 0;
  /// Bytes in the platform's buffer; negative if unknown: if the kernel needs it, it commands
  /// `again`.
  double buffered = -1;
  /// Messages have arrived that were not shown to the kernel.
  bool has_heard = false;
  /// The number of the last frame of the session that was handled; negative if it is the same as at
  /// the last input.
  double received = -1;
};

}  // namespace steady::kernel
