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

/// A message on its way out.
struct OutgoingFrame {
  MessageKind kind = MessageKind::text;
  std::string bytes;
};

/// How a connection is to be closed.
struct CloseFrame {
  /// 0 is none.
  std::uint16_t code = 0;
  std::string reason;
};

/// What one connection is still to send: filled by the user's thread, emptied where the network is
/// served.
class SendBuffer {
 public:
  // --- The user's thread. ---

  struct Enqueued {
    TransportSend result;
    /// Nobody was looking: the connection has to be woken.
    bool needs_wakeup = false;
  };
  Enqueued enqueue(const Payload& payload);
  /// After what was enqueued. True as Enqueued::needs_wakeup.
  bool close(std::uint16_t code, std::string_view reason);
  std::size_t amount() const;

  // --- Where the network is served. ---

  /// Swaps the next one with what `frame` has, whose memory is used again. False if there is none:
  /// what is enqueued then wakes.
  bool take(OutgoingFrame& frame);
  /// close() was called, and its frame was not taken.
  bool has_close_frame() const;
  /// What comes after everything, once.
  std::optional<CloseFrame> take_close_frame();
  void written(std::size_t bytes);
  /// Nothing more is taken.
  void shut();

 private:
  bool start_draining();

  mutable std::mutex mutex_;
  /// A ring; `count_` of it from `first_` on.
  std::vector<OutgoingFrame> ring_;
  std::size_t first_ = 0;
  std::size_t count_ = 0;
  /// Enqueued and not written.
  std::size_t amount_ = 0;
  bool is_shut_ = false;
  bool is_draining_ = false;
  std::optional<CloseFrame> close_frame_;
};

}  // namespace steady::native
