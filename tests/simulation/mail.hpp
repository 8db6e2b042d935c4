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

/// One message that was given to the Socket or to its platform, and what was seen of it.
struct Message {
  enum class Kind : std::uint8_t {
    queued,    ///< Socket::send.
    greeting,  ///< Greeting::send.
    unasked,   ///< The platform's own writer, within its credit.
  };
  enum class Fate : std::uint8_t {
    unknown,   ///< It is being sent.
    waits,     ///< In the queue, or dropped from it and not told yet.
    sent,      ///< The platform has it, or had it.
    answered,  ///< Nothing is told of it any more.
    given_up,  ///< There was no reply: will be told as unanswered, and not be dropped.
    doomed,    ///< Will be dropped, for the reason in `reason`.
    dropped,   ///< Told, or given up and told.
  };

  Kind kind = Kind::queued;
  Fate fate = Fate::unknown;
  steady::DropReason reason = steady::DropReason::none;
  std::size_t size = 0;
  std::string key = {};
  bool is_high = false;
  bool is_volatile = false;
  bool connection_only = false;
  /// Its outcome is told. What expects a reply is tracked.
  bool is_tracked = false;
  bool expects_reply = false;
  bool is_repeated = false;
  std::chrono::milliseconds sent_at{0};
  std::optional<std::chrono::milliseconds> due = {};
  std::uint32_t id = 0;
  /// The newest connection when it was sent by the user, and when it was handed over.
  std::size_t asked_on = 0;
  std::size_t handed_on = 0;

  /// Its place in the line.
  std::int64_t place = 0;
  /// Unknown, and so is its priority: an older one with its key may have left both to it, or may be
  /// gone already.
  bool somewhere = false;
  /// One behind it was handed over: it must not be sent any more.
  bool overtaken = false;

  /// Its connection has ended, ...
  bool was_sent = false;
  /// ... the platform still had it then, ...
  bool was_held = false;
  /// ... and there was room for it to wait again.
  bool must_repeat = false;
  bool outcome_told = false;
};

/// What the Socket promises of messages: their order, their ends, and the bounds of the queue. It
/// sees the frames that FakeConnections were handed, and computes what their platform still had.
class Mail {
 public:
  using Fate = Message::Fate;

  Mail(const steady::Options& options, steady::testing::ManualRuntime& runtime)
      : options_(options), runtime_(runtime) {
    now_.is_ready = !options.greet;
  }

  // --- What the user does. ---

  /// A message that is about to be sent: its number, and where it would wait. `queued` is
  /// Socket::queued_messages(), here and below.
  std::size_t add(Message message, std::size_t queued);
  static std::string text_of(std::size_t number, bool is_json, std::size_t padding);
  void answered(std::size_t number, const steady::SendResult& result, std::size_t queued_before,
                std::size_t queued_after);
  void greeting_answered(std::size_t number, bool taken);
  /// The platform's own writer has sent it.
  void sent_unasked(std::size_t number);
  void cancelled(std::uint32_t id, bool answer, std::size_t queued_before);
  void replied(std::uint32_t id, bool answer);
  /// A connection that is being closed is given up for another one.
  void begins_anew(bool does) { begins_anew_ = does; }
  /// One of the newest ids, or none.
  std::uint32_t some_id(std::size_t which) const;
  /// What waits for a reply, oldest first.
  std::vector<std::uint32_t> awaited() const;

  // --- What the platform does with the present connection. ---

  void hold() { now_.holds = true; }
  void drain(std::size_t bytes = std::numeric_limits<std::size_t>::max());
  void refuses(bool does) { now_.refuses = does; }
  std::size_t held_bytes() const;
  /// A close hands over what waits, whatever the platform has.
  void close_called() { is_closing_ = true; }

  // --- What is seen. ---

  /// What was handed over, and whose connection has ended, since the last look.
  void look();
  void look_at_state(steady::State state);
  void greeting_begins();
  /// The queue may be given out.
  void greeting_is_over() { now_.is_ready = true; }
  bool queue_is_held() const { return !now_.is_ready; }
  /// True if it had waited.
  bool drop_told(const steady::Drop& drop);
  void outcome_told(const steady::Outcome& outcome);

  /// When everything was told.
  void expect_all_told(std::size_t queued, steady::State state);
  /// When everything has left.
  void expect_all_over() const;
  bool nothing_waits(std::size_t queued) const { return queued == 0 && held_bytes() == 0; }
  /// Messages there were.
  std::size_t size() const { return messages_.size(); }
  std::size_t waiting() const { return line_.size(); }
  std::size_t waiting_bytes() const;
  bool room_for(std::size_t size) const;

 private:
  struct Frame {
    std::size_t bytes = 0;
    std::vector<std::size_t> numbers = {};
  };
  /// The present connection.
  struct Connection {
    bool is_ready = true;
    bool greeting_begun = false;
    bool holds = false;
    bool refuses = false;
    std::size_t seen = 0;
    std::deque<Frame> held = {};
    /// Expect replies, in the order in which they were handed over.
    std::vector<std::size_t> asked = {};
  };

  void connection_over();
  void connection_over_for(std::size_t number, bool was_held, bool may_repeat);
  void look_at_frame(std::string_view text, bool is_first);
  void handed_over(std::string_view text);
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
  /// Those that wait.
  std::vector<std::size_t> line_;
  std::int64_t front_ = 0;
  std::int64_t back_ = 0;
  std::map<std::uint32_t, std::size_t> ids_;
  std::map<std::string, std::size_t> newest_with_key_;
  /// Tracked, and their outcome is to come.
  std::vector<std::size_t> outcomes_due_;
  /// The socket was seen closed, and the platform refused, after messages before these were sent.
  std::size_t closed_before_ = 0;
  std::size_t refused_before_ = 0;
  bool is_closing_ = false;
  bool begins_anew_ = false;
  std::size_t looked_at_ = 0;
  Connection now_;
};

}  // namespace model
