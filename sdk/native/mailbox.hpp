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

class Mailbox;
class NativeTransport;

/// Where mailboxes say that there is something in them. One for a runtime; its mutex guards them
/// all.
struct Bell {
  std::mutex mutex;
  std::condition_variable rung;
  /// A wait for it ends, though no mailbox has rung.
  bool is_interrupted = false;
  /// Each holds the bell as well, so the engine empties it at its end.
  std::vector<std::shared_ptr<Mailbox>> mailboxes;
};

/// A received message.
struct Letter {
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
class Mailbox : public std::enable_shared_from_this<Mailbox> {
 public:
  struct Limits {
    std::size_t messages;
    std::size_t bytes;
  };

  Mailbox(std::shared_ptr<Bell> bell, Limits limits) : bell_(std::move(bell)), limits_(limits) {}

  // --- Where the network is served. ---

  void open(std::string subprotocol);
  /// Takes the message, and leaves an empty one for the next. False if no other should be read
  /// until has_room() is true.
  bool put(std::unique_ptr<Letter>& letter);
  bool has_room();
  void end(Ending ending);

  // --- Where it is told. ---

  /// The transport it is for; null when that is gone.
  NativeTransport* owner = nullptr;

  /// What there was when it was taken.
  struct Taken {
    std::optional<std::string> opened;
    std::vector<std::unique_ptr<Letter>> letters;
    std::optional<Ending> ending;
  };
  void take(Taken& taken);
  /// The memory of what was told. True if reading may go on now.
  bool give_back(std::vector<std::unique_ptr<Letter>>& letters);

 private:
  bool is_full() const { return messages_ >= limits_.messages || bytes_ >= limits_.bytes; }
  /// The mutex is held.
  void ring();

  const std::shared_ptr<Bell> bell_;
  const Limits limits_;

  std::optional<std::string> opened_;
  std::vector<std::unique_ptr<Letter>> letters_;
  std::optional<Ending> ending_;
  bool has_rung_ = false;
  /// Nobody reads until there is room.
  bool is_stopped_ = false;
  /// Waiting, or being told.
  std::size_t messages_ = 0;
  std::size_t bytes_ = 0;

  std::vector<std::unique_ptr<Letter>> spare_;
  std::size_t spare_bytes_ = 0;
};

}  // namespace steady::native
