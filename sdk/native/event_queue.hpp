#pragma once

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "steady/close_info.hpp"
#include "steady/error.hpp"
#include "steady/message.hpp"
#include "steady/transport.hpp"

namespace steady::native {

class EventQueue;
class NativeTransport;

/// Signals the user thread that event queues have events. One per runtime; its mutex guards all
/// event queues of the runtime.
struct Wakeup {
  std::mutex mutex;
  std::condition_variable condition;
  /// Set by Engine::interrupt(): the wait ends although no queue has events.
  bool is_interrupted = false;
  /// Queues with events. Each of them refers to the Wakeup as well; ~Engine clears the list, which
  /// breaks the cycle.
  std::vector<std::shared_ptr<EventQueue>> pending;
};

struct ReceivedMessage {
  MessageKind kind = MessageKind::text;
  InboundBuffer bytes;
};

/// The end of a connection, or of an attempt.
struct Ending {
  /// Reported before `info`. No error if the connection was closed or lost.
  Error error;
  CloseInfo info;
};

/// Events of one connection that are not dispatched yet. Filled by the network thread, emptied by
/// the user thread in poll() (see Engine).
class EventQueue : public std::enable_shared_from_this<EventQueue> {
 public:
  /// Reading pauses when either is reached.
  struct Limits {
    std::size_t messages;
    std::size_t bytes;
  };

  EventQueue(std::shared_ptr<Wakeup> wakeup, Limits limits)
      : wakeup_(std::move(wakeup)), limits_(limits) {}

  // --- Network thread. ---

  /// The handshake has completed.
  void open(std::string subprotocol);
  /// Moves the message into the queue and replaces it with an empty one. Returns false if the queue
  /// is full: reading must pause until has_room() returns true.
  bool push(std::unique_ptr<ReceivedMessage>& message);
  bool has_room();
  /// Queues a step, to be dispatched in order with the other events. Beyond 1,024 that wait for
  /// poll() steps are counted only.
  void step(std::string text);
  void end(Ending ending);

  // --- User thread. ---

  /// Its listener receives the events. Null after the transport was destroyed.
  NativeTransport* transport = nullptr;

  struct Step {
    std::string text;
    /// It belongs before `opened`, or, if that is false, behind this number of `messages`.
    bool is_before_open;
    std::size_t messages_before;
  };
  /// The contents of the queue, removed by take().
  struct Taken {
    std::vector<Step> steps;
    std::optional<std::string> opened;
    std::vector<std::unique_ptr<ReceivedMessage>> messages;
    std::optional<Ending> ending;
  };
  void take(Taken& taken);
  /// Takes back the memory of dispatched messages. Returns true if reading was paused and may
  /// resume.
  bool recycle(std::vector<std::unique_ptr<ReceivedMessage>>& messages);

 private:
  bool is_full() const {
    return message_count_ >= limits_.messages || byte_count_ >= limits_.bytes;
  }
  /// Adds the queue to Wakeup::pending. The mutex is held.
  void notify();

  const std::shared_ptr<Wakeup> wakeup_;
  const Limits limits_;

  std::vector<Step> steps_;
  std::size_t omitted_steps_ = 0;
  std::optional<std::string> opened_;
  bool was_opened_ = false;
  std::vector<std::unique_ptr<ReceivedMessage>> messages_;
  std::optional<Ending> ending_;
  /// The queue is in Wakeup::pending.
  bool is_pending_ = false;
  bool is_reading_paused_ = false;
  /// Messages that are queued or being dispatched.
  std::size_t message_count_ = 0;
  std::size_t byte_count_ = 0;

  /// Empty messages whose memory is reused.
  std::vector<std::unique_ptr<ReceivedMessage>> spare_;
  std::size_t spare_bytes_ = 0;
};

}  // namespace steady::native
