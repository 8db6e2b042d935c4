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

/// Signals that event queues have events. One for a runtime; its mutex guards all queues.
struct Wakeup {
  std::mutex mutex;
  std::condition_variable condition;
  /// A wait for it ends, though no queue has events.
  bool is_interrupted = false;
  /// Each holds the wakeup as well, so the engine empties it at its end.
  std::vector<std::shared_ptr<EventQueue>> pending;
};

/// A received message.
struct ReceivedMessage {
  MessageKind kind = MessageKind::text;
  InboundBuffer bytes;
};

/// How a connection has ended.
struct Ending {
  /// None if it has ended as connections do.
  Error error;
  CloseInfo info;
};

/// What has happened to one connection and was not told yet. It is filled where the network is
/// served, and emptied by poll(): the two may be different threads.
class EventQueue : public std::enable_shared_from_this<EventQueue> {
 public:
  struct Limits {
    std::size_t messages;
    std::size_t bytes;
  };

  EventQueue(std::shared_ptr<Wakeup> wakeup, Limits limits)
      : wakeup_(std::move(wakeup)), limits_(limits) {}

  // --- Where the network is served. ---

  void open(std::string subprotocol);
  /// Takes the message, and leaves an empty one for the next. False if no other should be read
  /// until has_room() is true.
  bool push(std::unique_ptr<ReceivedMessage>& message);
  bool has_room();
  void end(Ending ending);

  // --- Where it is told. ---

  /// The transport it is for; null when that is gone.
  NativeTransport* transport = nullptr;

  /// What there was when it was taken.
  struct Taken {
    std::optional<std::string> opened;
    std::vector<std::unique_ptr<ReceivedMessage>> messages;
    std::optional<Ending> ending;
  };
  void take(Taken& taken);
  /// The memory of what was told. True if reading may go on now.
  bool recycle(std::vector<std::unique_ptr<ReceivedMessage>>& messages);

 private:
  bool is_full() const {
    return message_count_ >= limits_.messages || byte_count_ >= limits_.bytes;
  }
  /// The mutex is held.
  void notify();

  const std::shared_ptr<Wakeup> wakeup_;
  const Limits limits_;

  std::optional<std::string> opened_;
  std::vector<std::unique_ptr<ReceivedMessage>> messages_;
  std::optional<Ending> ending_;
  bool is_pending_ = false;
  /// Nobody reads until there is room.
  bool is_reading_paused_ = false;
  /// Waiting, or being told.
  std::size_t message_count_ = 0;
  std::size_t byte_count_ = 0;

  std::vector<std::unique_ptr<ReceivedMessage>> spare_;
  std::size_t spare_bytes_ = 0;
};

}  // namespace steady::native
