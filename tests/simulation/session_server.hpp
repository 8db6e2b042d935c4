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

/// A rule that a server, or its memory, does not keep.
enum class Fault : std::uint8_t {
  none,
  no_fencing,     ///< Frames of a connection that was taken over are handled.
  no_generation,  ///< An older hello takes a session over.
  no_epoch,       ///< A session that was lost begins with the epoch of the hello.
  same_life,      ///< The memory is lost without another life.
  no_holes,       ///< Numbers that are left out are counted.
  no_count,   ///< A welcome says that nothing was handled, and what comes again is handled again.
  no_replay,  ///< What the client has not received is not sent again.
  early_receipts,  ///< Frames are acknowledged before they are received.
  count
};
const char* to_string(Fault fault);

/// Says what does not hold: ends the program, or, if the server has a fault, is asked for it.
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
  /// Null if everything holds.
  const char* found() const { return found_; }

 private:
  Fault fault_;
  const char* found_ = nullptr;
};

/// All numbers in a text, which are those of its messages.
std::vector<std::uint64_t> numbers_in(std::string_view text);

/// A server with sessions, and the links to it: each loses the end of what is on its way when it
/// dies, in both directions, and what is left arrives late. Frames are those of
/// docs/design/session-protocol.md.
class SessionServer {
 public:
  SessionServer(Witness& witness, Random& random, steady::testing::ManualRuntime& runtime)
      : witness_(witness), random_(random), runtime_(runtime) {}

  // --- Links. ---

  /// Accepts the newest connection.
  void accept();
  /// It has ended before that.
  void accept_none() {
    links_.resize(runtime_.transports());
    links_.back().is_dead = true;
    links_.back().up_end = 0;
  }
  bool is_accepted() const { return links_.size() == runtime_.transports(); }
  /// The connection dies. `is_noticed`: by the client, at once.
  void die(std::size_t link, bool is_noticed);
  /// Links whose client has left die.
  void look();
  /// One frame arrives on a link, old ones included.
  bool deliver_up(std::size_t link);
  bool deliver_down(std::size_t link);
  std::size_t links() const { return links_.size(); }
  bool is_alive(std::size_t link) const { return !links_[link].is_dead; }

  // --- The server. ---

  /// Sends a message to the newest session that there is. Returns its number; 0 if there is none.
  std::uint64_t send(bool in_batch);
  void acknowledge();
  void ask();
  /// Loses all sessions. `remembers`: their numbers are known.
  void forget(bool remembers);
  void end_session();
  /// Sessions whose clients have left are lost.
  void expire();

  // --- What is seen. ---

  /// By number of the message: how often it was handled.
  std::map<std::uint64_t, int> handled = {};
  /// Messages to the client that it has been handed.
  std::set<std::uint64_t> heard = {};
  /// Messages to the client that were reported as undelivered.
  std::set<std::uint64_t> undelivered = {};
  /// Messages of the client may be handled again, or out of their order: see Unconfirmed::requeue.
  bool may_repeat = false;
  /// Options of the client.
  bool repeats = false;
  std::size_t window = 1'000;

  std::uint64_t sent() const { return last_sent_; }
  /// Everything was received by the other side, and confirmed.
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
    /// Frames that were received and not acknowledged.
    std::size_t pending = 0;
    std::uint64_t next = 1;
    std::deque<Frame> unacknowledged = {};
    std::size_t link = 0;
    /// The newest message that was handled.
    std::uint64_t last = 0;
  };
  /// What is left of a session that was lost.
  struct Trace {
    std::string epoch;
    std::uint64_t generation = 0;
    std::uint64_t received = 0;
  };
  struct Link {
    /// Frames of the client that have arrived, and at most will.
    std::size_t up = 0;
    std::size_t up_end = std::numeric_limits<std::size_t>::max();
    std::deque<std::string> down = {};
    bool is_dead = false;
    std::string id = {};
    bool has_number = false;
    std::uint64_t expected = 0;
    bool is_over = false;
    /// Number that the client's next received frame has without another word.
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
