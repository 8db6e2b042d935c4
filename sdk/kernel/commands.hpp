#pragma once

#include <cstddef>
#include <cstdint>
#include <new>

namespace steady::kernel {

/// The commands of a kernel to its shell. The numbers a to c of a Command are described per kind. A
/// shell carries commands out in their order, after the call that added them.
enum class CommandKind : std::uint8_t {
  // Events. They are dispatched from the event loop, never inside a call of the user.
  open,       ///< A connection is up.
  close,      ///< A connection or an attempt has ended. a: code. b: CloseBit bits. c: TextId.
  error,      ///< a: ErrorCode. b: TextId.
  state,      ///< a: State. b: the previous one. c: ms until the next attempt, if waiting.
  drop,       ///< A message will not be sent. a: id. b: DropReason. c: handle.
  outcome,    ///< Result of a tracked message. a: id. b: DropReason, 0 if it was sent. c: 1 if it
              ///< was delivered.
  drained,    ///< Answers one InputKind::drained. a: ErrorCode.
  delivered,  ///< Answers one InputKind::delivered. a: ErrorCode.
  session,    ///< a: SessionState.

  // Questions. Those two are put from the event loop, after the events before them.
  provide,  ///< Asks what to connect with. a: attempt. Answered by `provided` or `provider_failed`.
  greet,    ///< A connection is open, and the queue is held. a: attempt. Answered by `greeted` or
            ///< `greeting_failed`.
  decide,  ///< Asks what follows this end. Answered at once by `decided`. a, b, c: same as `close`.

  // Actions.
  last_close,  ///< The end of the last connection, for a `state` that follows. a, b, c: same as
               ///< `close`.
  verdict,     ///< What follows that end. a: DecidedBy. b: CloseAction. c: the close codes of the
               ///< rule, the first * 2^16 + the last; 0 without a rule.
  dial,        ///< Make a transport and connect it. a: attempt.
  transmit,    ///< Send a message. a: handle. b: TransmitBit bits. c: its number in the session, 0
               ///< for none: `@` precedes it unless it is one more than that of the last.
  hello,    ///< Send `H`. a: generation. b: number of the last frame received. c: 1 if the session
            ///< is new: it gets an id, the server's life is its epoch, and the next message has
            ///< the number 1.
  control,  ///< Send another control frame. a: its letter. b, c: its numbers. The next message
            ///< has the number of an `@`.
  shut,     ///< Begin the close handshake. a: code, 0 for none. b: TextId of the reason.
  abandon,  ///< Destroy the transport.
  watch,    ///< a: 1 to watch the platform for hints, 0 to stop.
  grant,    ///< See steady::Grant. a: GrantBit bits. b: bytes that may be sent.
  release,  ///< A payload is not needed any more. a: handle.
  defer,    ///< Give the input `task_over` when the current task is over.
  again,    ///< Give the input `again` when this list is done.
};

/// Source of the decision after the end of a connection or an attempt: CommandKind::verdict.
enum class DecidedBy : std::uint8_t {
  nobody,         ///< No rule was asked: the platform refuses every attempt, or the socket closes.
  decide,         ///< ReconnectOptions::decide.
  rule,           ///< A rule of ReconnectOptions::rules.
  server,         ///< The server, which asked for a delay.
  fresh_answers,  ///< A default rule that is fatal, after one attempt with fresh answers.
  default_rule,   ///< A default rule, or none: the code is retried.
};

/// Bits of CommandKind::close.
enum CloseBit : std::uint8_t { was_clean = 1, will_retry = 2 };
/// Bits of CommandKind::transmit.
enum TransmitBit : std::uint32_t {
  frame_continues = 1,  ///< The next `transmit` joins it in one frame.
  in_batch = 2,         ///< The frame is a batch, also if it has one message only.
};
/// Bits of CommandKind::grant: the members of steady::Grant.
enum GrantBit : std::uint32_t {
  grant_receive = 1,
  grant_batched = 2,
  grant_seeks_reply = 4,
  grant_in_session = 8,  ///< Not commanded: a shell grants it to what shares its connection.
};

/// One command.
struct Command {
  double kind;
  double a;
  double b;
  double c;
};

/// A growing list of commands.
class Commands {
 public:
  Commands() = default;
  Commands(const Commands&) = delete;
  Commands& operator=(const Commands&) = delete;
  ~Commands() { ::operator delete(list_); }

  /// A number that 32 bits do not hold is assigned to the result, which is valid until the next
  /// call.
  Command& add(CommandKind kind, std::uint32_t a = 0, std::uint32_t b = 0, std::uint32_t c = 0);
  std::size_t size() const { return size_; }
  const Command* data() const { return list_; }
  /// Call it when all commands were carried out.
  void clear();

 private:
  Command* list_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace steady::kernel
