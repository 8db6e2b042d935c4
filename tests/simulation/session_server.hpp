#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "steady/testing/manual_runtime.hpp"
#include "story.hpp"

namespace model {

/// A rule that a faulty server breaks.
enum class Fault : std::uint8_t {
  none,
  no_fencing,      ///< Handles frames of a connection whose session was taken over.
  no_generation,   ///< Lets an older hello take over a session.
  no_epoch,        ///< Starts a lost session with the epoch of the hello.
  same_life,       ///< Loses its memory without starting another life.
  no_gaps,         ///< Counts the numbers in gaps.
  no_count,        ///< Reports no handled messages in a welcome, and handles repeated ones again.
  no_replay,       ///< Does not repeat unacknowledged messages.
  early_receipts,  ///< Acknowledges frames before they are received.
  count
};
const char* to_string(Fault fault);

/// Checks expectations: a failure ends the program, or is stored if the server is faulty.
class Witness {
 public:
  explicit Witness(Fault fault) : fault_(fault) {}
  Fault fault() const { return fault_; }
  void expect(bool holds, const char* what) {
    if (fault_ == Fault::none) {
      model::expect(holds, what);
    } else if (!holds && found_ == nullptr) {
      found_ = what;
    }
  }
  /// The first failed expectation, or null.
  const char* found() const { return found_; }

 private:
  Fault fault_;
  const char* found_ = nullptr;
};

/// All numbers in a string. Each is that of a message.
std::vector<std::uint64_t> numbers_in(std::string_view text);

/// A server with sessions, and the links to it. A link that dies loses the last frames in transit
/// in both directions, and the others arrive late. Frames are those of
/// docs/design/session-protocol.md.
class SessionServer {
 public:
  SessionServer(Witness& witness, Random& random, steady::testing::ManualRuntime& runtime)
      : witness_(witness), random_(random), runtime_(runtime) {}

  // --- Links. ---

  /// Accepts the newest connection.
  void accept();
  /// The newest connection has ended before it was accepted.
  void accept_none() {
    links_.resize(runtime_.transports());
    links_.back().is_dead = true;
    links_.back().up_end = 0;
  }
  bool is_accepted() const { return links_.size() == runtime_.transports(); }
  /// The connection dies. `is_noticed`: by the client, at once.
  void die(std::size_t link, bool is_noticed);
  /// Ends the links that the client has abandoned.
  void look();
  /// Delivers one frame on a link, which may be an earlier one.
  bool deliver_up(std::size_t link);
  bool deliver_down(std::size_t link);
  std::size_t links() const { return links_.size(); }
  bool is_alive(std::size_t link) const { return !links_[link].is_dead; }

  // --- The server. ---

  /// Sends a message in the newest session. Returns its number, or 0 without a session.
  std::uint64_t send(bool in_batch);
  void acknowledge();
  void ask();
  /// Loses all sessions. With `remembers` their numbers stay known.
  void forget(bool remembers);
  void end_session();
  /// Loses all sessions but the newest.
  void expire();

  // --- Observations. ---

  /// How often a message was handled, by its number.
  std::map<std::uint64_t, int> handled = {};
  /// Messages of the server that the client has dispatched.
  std::set<std::uint64_t> dispatched = {};
  /// Messages of the server that were reported as undelivered.
  std::set<std::uint64_t> undelivered = {};
  /// Messages of the client may be handled again, or out of order: see Unconfirmed::requeue.
  bool may_repeat = false;
  /// Options of the client.
  bool repeats = false;
  std::size_t window = 1'000;

  std::uint64_t sent() const { return last_sent_; }
  /// The client has acknowledged every message.
  bool is_settled() const;

 private:
  struct Frame {
    std::uint64_t number;
    std::string text;
  };
  struct Session {
    std::string epoch;
    std::uint64_t generation = 0;
    std::uint64_t received = 0;
    /// Number of frames received and not acknowledged.
    std::size_t pending = 0;
    std::uint64_t next = 1;
    std::deque<Frame> unacknowledged = {};
    std::size_t link = 0;
    /// The newest message that was handled.
    std::uint64_t last = 0;
  };
  /// Remembered numbers of a lost session.
  struct Trace {
    std::string epoch;
    std::uint64_t generation = 0;
    std::uint64_t received = 0;
  };
  struct Link {
    /// Number of frames of the client that have arrived, and the maximum that will.
    std::size_t up = 0;
    std::size_t up_end = std::numeric_limits<std::size_t>::max();
    std::deque<std::string> down = {};
    bool is_dead = false;
    std::string id = {};
    bool has_number = false;
    std::uint64_t expected = 0;
    bool is_over = false;
    /// Number of the next frame to the client, unless an @ frame changes it.
    std::uint64_t next = 0;
  };

  void control(std::size_t at, std::string_view frame);
  void hello(std::size_t at, const std::vector<std::string>& fields);
  void transmit(Link& link, const Frame& frame);
  void message(std::size_t at, std::string_view text);
  void receipt(Session& session, std::uint64_t number);
  void lose(Session& session);
  void remember(const std::string& id, const Session& session);
  /// The session of a link that owns it, or null.
  Session* session_of(std::size_t at);
  std::string life() const { return "life" + std::to_string(lives_); }

  Witness& witness_;
  Random& random_;
  steady::testing::ManualRuntime& runtime_;
  std::vector<Link> links_;
  std::map<std::string, Session> sessions_;
  std::map<std::string, Trace> traces_;
  std::string newest_;
  std::uint64_t lives_ = 1;
  std::uint64_t epochs_ = 0;
  std::uint64_t last_sent_ = 0;
  std::uint64_t questions_ = 0;
};

}  // namespace model
