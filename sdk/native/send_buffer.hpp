#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "steady/message.hpp"
#include "steady/payload.hpp"
#include "steady/transport.hpp"

namespace steady::native {

/// A message to send. It is written as one frame, or, above 64 KiB, as several.
struct OutgoingFrame {
  MessageKind kind = MessageKind::text;
  std::string bytes;
};

/// Code and reason of the close frame to send.
struct CloseFrame {
  /// 0 sends a close frame without a code.
  std::uint16_t code = 0;
  std::string reason;
};

/// Messages of one connection that are not written yet. Filled by the user thread, drained by the
/// network thread (see Engine).
class SendBuffer {
 public:
  // --- User thread. ---

  struct Enqueued {
    TransportSend result;
    /// The connection is not draining the buffer: call Connection::wake().
    bool needs_wakeup = false;
  };
  Enqueued enqueue(const Payload& payload);
  /// Enqueues the close frame, after all messages; enqueue() returns not_open from now on. Returns
  /// true as Enqueued::needs_wakeup.
  bool close(std::uint16_t code, std::string_view reason);
  /// Bytes enqueued and not yet written.
  std::size_t amount() const;

  // --- Network thread. ---

  /// Swaps the oldest message with `frame`, whose memory is reused. Returns false if the buffer is
  /// empty; the next enqueue() or close() then needs a wakeup.
  bool take(OutgoingFrame& frame);
  /// True from close() until take_close_frame().
  bool has_close_frame() const;
  /// Returns the close frame once. Call it when take() has returned false.
  std::optional<CloseFrame> take_close_frame();
  /// Subtracts written bytes from amount().
  void written(std::size_t bytes);
  /// Rejects further messages: enqueue() returns not_open.
  void shut();

 private:
  /// Returns true if the connection was not draining the buffer. The mutex is held.
  bool start_draining();

  mutable std::mutex mutex_;
  /// Ring buffer: `count_` messages, beginning at index `first_`.
  std::vector<OutgoingFrame> ring_;
  std::size_t first_ = 0;
  std::size_t count_ = 0;
  std::size_t amount_ = 0;
  bool is_shut_ = false;
  bool is_draining_ = false;
  std::optional<CloseFrame> close_frame_;
};

}  // namespace steady::native
