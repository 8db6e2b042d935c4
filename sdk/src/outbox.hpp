#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <span>

#include "flow.hpp"
#include "send_queue.hpp"
#include "steady/options.hpp"
#include "steady/runtime.hpp"
#include "steady/send_options.hpp"
#include "steady/send_result.hpp"
#include "steady/transport.hpp"

namespace steady::detail {

/// Hears what becomes of messages.
class OutboxOwner {
 public:
  virtual void on_dropped(DropReason reason, Outgoing&& message) = 0;
  /// What has become of a message that is tracked, if it was not dropped: `none` is the best.
  virtual void on_outcome(std::uint32_t id, DropReason reason) = 0;

 protected:
  ~OutboxOwner() = default;
};

/// The messages of one Socket on their way out: those that wait, and those that the platform was
/// given and may still have. Order is kept, over all connections.
class Outbox {
 public:
  Outbox(const Options& options, Runtime& runtime, OutboxOwner& owner)
      : options_(options), runtime_(runtime), owner_(owner), queue_(options.queue) {}

  // --- Connections. ---

  /// A connection is up. What waits is held until release().
  void begin(Transport& transport, bool batching);
  void release();
  bool is_held() const { return held_; }
  /// It is over; its transport is still there. What it has not sent is given up, or waits again if
  /// it may be repeated.
  void end(bool may_repeat);
  /// The same, and nobody is told.
  void forget();

  // --- Messages. ---

  SendResult send(Payload&& payload, const SendOptions& wanted);
  /// If the platform can have it now.
  TransportSend send_now(Payload&& payload);
  /// Before everything that waits. `is_ours`: nobody is told what becomes of it.
  TransportSend send_first(Payload&& payload, bool is_ours);
  bool cancel(std::uint32_t id);
  bool answered(std::uint32_t id);

  enum class Until : std::uint8_t { high_water, empty };
  /// Hands over what waits.
  void flush(Until until);
  /// Looks at the platform's buffer, and hands over what it has room for.
  void look();
  /// What has become, since the last call or begin(), of the bytes in the platform's buffer.
  Flow flow();
  /// Drops what is too old.
  void expire();
  void drop_all(DropReason reason);

  // --- What there is to do. ---

  bool batches() const { return batching_; }
  /// Some of the credit may be left.
  bool has_granted() const { return credit_is_out_; }
  /// Only a look will tell.
  bool waits_for_platform() const;
  /// The frame that is being filled leaves at the end of the task.
  bool waits_for_turn() const { return frame_is_open_; }
  std::optional<std::chrono::milliseconds> next_expiry() const { return next_expiry_; }
  /// Nothing waits, neither here nor in the platform's buffer.
  bool is_idle();
  std::size_t messages() const { return queue_.size(); }
  std::size_t bytes() const { return queue_.bytes(); }

  struct Credit {
    std::size_t bytes = 0;
    bool is_new = false;
  };
  /// See Grant::send_credit. `anew`: some of what was granted may be left, and is granted again.
  Credit grant_credit(bool anew);

 private:
  bool can_send_now() { return takes_ && !held_ && queue_.empty() && below_high_water(); }
  bool below_high_water();
  std::size_t read_amount();
  void confirm(std::size_t amount);
  void forget_confirmed(std::size_t newer);
  void record(Outgoing&& message);
  void drop(DropReason reason, Outgoing&& message) {
    owner_.on_dropped(reason, std::move(message));
  }

  bool repeats(const Outgoing& message) const;
  void repeat(std::list<Outgoing>& messages);
  void wait_again(Outgoing&& message);
  void watch_expiry(const Outgoing& message);
  SendResult enqueue(Outgoing&& message);
  SendResult refuse(DropReason reason, Outgoing&& message, SendStatus status);

  TransportSend hand_over(const Payload& payload);
  TransportSend account(TransportSend result, std::size_t size);

  /// What leaves as one message.
  struct Frame {
    std::size_t messages = 0;
    /// On the wire.
    std::size_t size = 0;
  };
  bool may_batch(const Payload& payload) const { return batching_ && payload.is_json(); }
  void fill_frame();
  Frame next_frame() const;
  TransportSend hand_over_frame(const Frame& frame);
  TransportSend hand_over_alone(const Payload& payload);
  TransportSend hand_over_joined(std::span<const Payload* const> payloads, std::size_t size);

  const Options& options_;
  Runtime& runtime_;
  OutboxOwner& owner_;

  SendQueue queue_;
  std::uint32_t next_id_ = 1;
  /// No message is due to expire before.
  std::optional<std::chrono::milliseconds> next_expiry_;

  /// The present connection's.
  Transport* transport_ = nullptr;
  bool takes_ = false;
  bool held_ = false;
  bool batching_ = false;
  bool frame_is_open_ = false;
  /// The high-water mark was reached, and the low one not since.
  bool choked_ = false;
  /// Some of the credit may be left.
  bool credit_is_out_ = false;
  /// The platform's amount when last read, and all that was handed over since.
  std::size_t unread_amount_ = 0;
  /// When to read it again.
  std::size_t next_reading_ = 0;
  /// There was something in it when last read.
  bool holds_some_ = false;

  /// What the core handed over and the platform may still have, oldest first. The first
  /// `older_messages_` of them were there when it was last found that some had gone.
  std::list<Outgoing> handed_;
  std::size_t older_messages_ = 0;
  /// Of the others.
  std::size_t newer_bytes_ = 0;
  /// All that was handed over on this connection before those, a lower bound; it may wrap.
  std::size_t older_bytes_ = 0;
  /// The platform's amount, and all that had been handed over, at the last flow().
  std::size_t flow_amount_ = 0;
  std::size_t flow_bytes_ = 0;
  /// Those of them whose leaving is waited for.
  std::size_t tracked_ = 0;
  /// What has left and expects a reply, oldest first.
  std::list<Outgoing> unanswered_;
};

}  // namespace steady::detail
