#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "steady/options.hpp"
#include "steady/send_options.hpp"
#include "steady/send_result.hpp"
#include "steady/socket.hpp"
#include "steady/testing/manual_runtime.hpp"

namespace model {

/// One message that was passed to the Socket or to the platform, and its observed state.
struct Message {
  enum class Kind : std::uint8_t {
    queued,    ///< Socket::send.
    greeting,  ///< Greeting::send.
    credit,    ///< Sent by the platform, within its credit.
  };
  enum class Fate : std::uint8_t {
    unknown,   ///< Being sent.
    waits,     ///< In the queue, or dropped from it and not reported yet.
    sent,      ///< Passed to the platform.
    answered,  ///< No event follows.
    given_up,  ///< Without a reply: will be reported as unanswered, not dropped.
    doomed,    ///< Will be dropped, for the reason in `reason`.
    dropped,   ///< Reported as dropped or unanswered.
  };

  Kind kind = Kind::queued;
  Fate fate = Fate::unknown;
  steady::DropReason reason = steady::DropReason::none;
  std::size_t size = 0;
  std::string key = {};
  bool is_high = false;
  bool is_volatile = false;
  bool connection_only = false;
  /// Its outcome is reported, as for every message that expects a reply.
  bool is_tracked = false;
  bool expects_reply = false;
  bool is_repeated = false;
  std::chrono::milliseconds sent_at{0};
  std::optional<std::chrono::milliseconds> due = {};
  std::uint32_t id = 0;
  /// Number of transports when the user sent it, and index of the one that transmitted it.
  std::size_t sent_on = 0;
  std::size_t transmitted_on = 0;

  /// Its place in the queue.
  std::int64_t place = 0;
  /// Its place and priority are unknown: it may have those of an older message with the same key.
  bool is_place_unknown = false;
  /// A later message was transmitted, so this one must not be.
  bool overtaken = false;

  /// Its connection ended after it was sent, ...
  bool was_sent = false;
  /// ... while it was in the platform's buffer, ...
  bool was_held = false;
  /// ... and the queue had room for it.
  bool must_repeat = false;
  bool outcome_reported = false;
};

/// A model of messages: their order and outcomes, and the limits of the queue. It reads the frames
/// of FakeConnections, and computes the contents of the platform's buffer.
class Mail {
 public:
  using Fate = Message::Fate;

  Mail(const steady::Options& options, steady::testing::ManualRuntime& runtime)
      : options_(options), runtime_(runtime) {
    now_.is_ready = !options.greet;
  }

  // --- Calls of the user. ---

  /// Adds a message that is about to be sent, and returns its number. `queued` is
  /// Socket::queued_messages(), here and below.
  std::size_t add(Message message, std::size_t queued);
  static std::string text_of(std::size_t number, bool is_json, std::size_t padding);
  void answered(std::size_t number, const steady::SendResult& result, std::size_t queued_before,
                std::size_t queued_after);
  void greeting_answered(std::size_t number, bool taken);
  /// The platform has sent it on credit.
  void sent_on_credit(std::size_t number);
  void cancelled(std::uint32_t id, bool answer, std::size_t queued_before);
  void replied(std::uint32_t id, bool answer);
  /// reconnect() replaces a connection that is closing.
  void set_replacing(bool does) { is_replacing_ = does; }
  /// One of the newest ids, or none.
  std::uint32_t some_id(std::size_t which) const;
  /// Ids of the requests without a reply, oldest first.
  std::vector<std::uint32_t> awaited() const;

  // --- Actions of the platform on the current connection. ---

  void hold() { now_.holds = true; }
  void drain(std::size_t bytes = std::numeric_limits<std::size_t>::max());
  void refuses(bool does) { now_.refuses = does; }
  std::size_t held_bytes() const;
  /// A close sends the queue, also above the high-water mark.
  void close_called() { is_closing_ = true; }

  // --- Observations. ---

  /// Reads the frames and the ends of connections since the last call.
  void look();
  void look_at_state(steady::State state);
  void greeting_begins();
  /// The queue may be sent.
  void greeting_is_over() { now_.is_ready = true; }
  bool queue_is_held() const { return !now_.is_ready; }
  /// Returns whether the message was queued.
  bool drop_reported(const steady::Drop& drop);
  void outcome_reported(const steady::Outcome& outcome);

  /// Checks that hold once all events were dispatched.
  void expect_all_reported(std::size_t queued, steady::State state);
  /// Checks that hold once all messages were sent.
  void expect_all_over() const;
  bool nothing_waits(std::size_t queued) const { return queued == 0 && held_bytes() == 0; }
  /// Number of messages so far.
  std::size_t size() const { return messages_.size(); }
  std::size_t waiting() const { return line_.size(); }
  std::size_t waiting_bytes() const;
  bool room_for(std::size_t size) const;

 private:
  struct Frame {
    std::size_t bytes = 0;
    std::vector<std::size_t> numbers = {};
  };
  /// The current connection.
  struct Connection {
    bool is_ready = true;
    bool greeting_begun = false;
    bool holds = false;
    bool refuses = false;
    std::size_t seen = 0;
    std::deque<Frame> held = {};
    /// Messages that expect replies, in the order of transmission.
    std::vector<std::size_t> requests = {};
  };

  void connection_over();
  void connection_over_for(std::size_t number, bool was_held, bool may_repeat);
  void look_at_frame(std::string_view text, bool is_first);
  void transmitted(std::string_view text);
  bool is_ahead(const Message& one, const Message& other) const;
  bool is_held(std::size_t number) const;
  bool is_awaited(const Message& message) const;
  void wait(std::size_t number);
  void leave_line(std::size_t number);
  std::optional<std::size_t> waiting_with(const std::string& key) const;
  void expect_oldest(std::size_t number) const;
  bool could_push_out(const Message& message) const;

  const steady::Options& options_;
  steady::testing::ManualRuntime& runtime_;
  std::vector<Message> messages_;
  /// Numbers of the queued messages.
  std::vector<std::size_t> line_;
  std::int64_t front_ = 0;
  std::int64_t back_ = 0;
  std::map<std::uint32_t, std::size_t> ids_;
  std::map<std::string, std::size_t> newest_with_key_;
  /// Tracked messages without an outcome so far.
  std::vector<std::size_t> outcomes_due_;
  /// Messages with lower numbers were sent before the socket was closed, or the platform refused.
  std::size_t closed_before_ = 0;
  std::size_t refused_before_ = 0;
  bool is_closing_ = false;
  bool is_replacing_ = false;
  std::size_t looked_at_ = 0;
  Connection now_;
};

}  // namespace model
