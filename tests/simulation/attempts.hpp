#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "steady/options.hpp"
#include "steady/runtime.hpp"
#include "steady/socket.hpp"
#include "steady/testing/manual_runtime.hpp"
#include "story.hpp"

namespace model {

/// What the Socket promises of attempts: one connection at most, none before its time, none that
/// the user does not want, and no more of them than the options allow.
class Attempts {
 public:
  Attempts(const steady::Options& options, steady::testing::ManualRuntime& runtime)
      : options_(options),
        runtime_(runtime),
        user_suspended_(options.start == steady::Start::suspended) {}

  // --- What the user does. ---

  /// A call that may start an attempt, in this state.
  void connect_called(steady::State before);
  void reconnect_called();
  void resume_called(steady::State before);
  void suspend_called() { user_suspended_ = true; }

  // --- What servers, networks and the platform do. ---

  /// The end of the present connection, before the Socket is told.
  void server_says(const steady::CloseInfo& info);
  void hint_comes(steady::Hint hint, steady::State before);
  void hint_is_over() { is_hinted_ = false; }
  /// It has opened, and there is nothing more to do before it is in order.
  void connection_is_in_order() { in_order_since_ = runtime_.now(); }

  // --- What is seen and heard. ---

  void look(const steady::Socket& socket);
  /// The provider is asked: the number of the question.
  std::size_t asked();
  void decide_asked(const steady::CloseInfo& info);
  void decided(const steady::CloseInfo& info, std::optional<steady::CloseAction> word);
  void gave_up() const;
  /// The error of an end that a close code has decided.
  void fatal_told() {
    expect(++fatal_told_ <= fatal_ends_, "only what the rules or decide say is the end");
  }
  /// The server, the platform or decide() said that there is to be no other attempt.
  bool was_refused() const { return was_refused_; }
  void refused() { was_refused_ = true; }
  void forget_refusal() { was_refused_ = false; }

 private:
  steady::CloseAction by_rules(const steady::CloseInfo& info);
  void connection_over();
  void count_anew();
  void note_first();
  void ends_with(const steady::CloseInfo& info, steady::CloseAction action);
  void begin();

  const steady::Options& options_;
  steady::testing::ManualRuntime& runtime_;
  /// Transports that were looked at, and of those the ones that were seen to end.
  std::size_t seen_ = 0;
  std::size_t over_ = 0;
  steady::State last_seen_ = steady::State::idle;

  /// Why an attempt may begin.
  bool is_asked_for_ = false;
  bool is_hinted_ = false;
  std::optional<std::chrono::milliseconds> due_;
  /// Why not.
  bool user_suspended_;
  std::optional<std::chrono::milliseconds> server_wants_;

  /// The provider was asked.
  std::size_t questions_ = 0;
  bool owes_ = false;
  /// decide() was asked in this attempt.
  bool is_decided_ = false;
  bool was_refused_ = false;
  /// Ends that a close code has decided, and those that were told.
  std::size_t fatal_ends_ = 0;
  std::size_t fatal_told_ = 0;
  /// An attempt with fresh answers has followed a close code of credentials.
  bool asked_afresh_ = false;

  /// Since they were counted from zero, or from that time.
  bool is_count_sure_ = true;
  std::uint32_t begun_ = 0;
  std::int64_t timed_ = 0;
  bool has_begun_ = false;
  std::optional<std::chrono::milliseconds> since_;
  std::optional<std::chrono::milliseconds> in_order_since_;
};

}  // namespace model
