#pragma once

#include <cstdint>

#include "arithmetic.hpp"
#include "commands.hpp"
#include "inputs.hpp"
#include "message.hpp"
#include "settings.hpp"
#include "steady/drop_reason.hpp"
#include "steady/error_code.hpp"
#include "texts.hpp"
#include "timers.hpp"

namespace steady::kernel {

/// The state that all parts of the kernel share during a call.
struct Context {
  Commands commands = {};
  Moment moment = {};
  Timers timers = {};
  /// Bytes of messages whose `transmit` the shell may not have carried out yet.
  double commanded = 0;
  const Settings settings;

  double now() const { return moment.now; }
  /// Moment::buffered is known, and includes everything that was commanded to transmit.
  bool knows_amount() const { return moment.buffered >= 0 && commanded == 0; }
  /// Bytes in the platform's buffer, as far as is known.
  double buffered() const { return larger(moment.buffered, 0.0) + commanded; }

  /// Forgets a message.
  void discard(Message* message) {
    if (message->handle != 0 && !message->has(own)) {
      commands.add(CommandKind::release, message->handle);
    }
    delete message;
  }

  /// Reports that a message will not be sent, and forgets it.
  void drop(DropReason reason, Message* message) {
    commands.add(CommandKind::drop, message->id, static_cast<std::uint32_t>(reason),
                 message->handle);
    if (message->has(track)) report_outcome(message->id, reason);
    discard(message);
  }

  /// A newer message with its key takes its place. The user wants only that one, so this is
  /// reported for a tracked message only.
  void replace(Message* message) {
    if (message->has(track)) return drop(DropReason::replaced, message);
    discard(message);
  }

  void report_outcome(std::uint32_t id, DropReason reason, bool is_delivered = false) {
    commands.add(CommandKind::outcome, id, static_cast<std::uint32_t>(reason), is_delivered);
  }

  void report_error(ErrorCode code, TextId text) {
    commands.add(CommandKind::error, static_cast<std::uint32_t>(code),
                 static_cast<std::uint32_t>(text));
  }
};

}  // namespace steady::kernel
