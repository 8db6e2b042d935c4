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

/// A model of connection attempts: at most one connection, no attempt before its time or against
/// the user's calls, and no more attempts than the options allow.
class Attempts {
 public:
  Attempts(const steady::Options& options, steady::testing::ManualRuntime& runtime)
      : options_(options),
        runtime_(runtime),
        user_suspended_(options.start == steady::Start::suspended) {}

  // --- Calls of the user. ---

  /// A call in the state `before` that may start an attempt.
  void connect_called(steady::State before);
  void reconnect_called();
  void resume_called(steady::State before);
  void suspend_called() { user_suspended_ = true; }

  // --- Actions of servers, networks and the platform. ---

  /// The current connection ends. Call it before the Socket is notified.
  void connection_ends(const steady::CloseInfo& info);
  void hint_begins(steady::Hint hint, steady::State before);
  void hint_ends() { is_hinted_ = false; }
  /// The connection is open and its greeting is complete.
  void connection_is_in_order() { in_order_since_ = runtime_.now(); }

  // --- Observations. ---

  void look(const steady::Socket& socket);
  /// The provider is called. Returns the number of the call.
  std::size_t provider_called();
  void decide_called(const steady::CloseInfo& info);
  void decided(const steady::CloseInfo& info, std::optional<steady::CloseAction> action);
  void gave_up() const;
  /// The error of a fatal close is reported.
  void fatal_reported() {
    expect(++fatal_reported_ <= fatal_ends_, "a close is fatal only by the rules or decide");
  }
  /// The server, the platform or decide() has ruled out another attempt.
  bool was_refused() const { return was_refused_; }
  void refused() { was_refused_ = true; }
  void forget_refusal() { was_refused_ = false; }

 private:
  steady::CloseAction by_rules(const steady::CloseInfo& info);
  void connection_over();
  void reset_count();
  void note_first();
  void ends_with(const steady::CloseInfo& info, steady::CloseAction action);
  void begin();

  const steady::Options& options_;
  steady::testing::ManualRuntime& runtime_;
  /// Number of transports that were checked, and of those that ended.
  std::size_t seen_ = 0;
  std::size_t over_ = 0;
  steady::State last_seen_ = steady::State::idle;

  /// Reasons for an attempt.
  bool is_requested_ = false;
  bool is_hinted_ = false;
  std::optional<std::chrono::milliseconds> due_;
  /// Reasons against one.
  bool user_suspended_;
  std::optional<std::chrono::milliseconds> server_wants_;

  /// Number of calls of the provider.
  std::size_t questions_ = 0;
  bool owes_ = false;
  /// decide() was called in this attempt.
  bool is_decided_ = false;
  bool was_refused_ = false;
  /// Number of fatal closes, and of those that were reported.
  std::size_t fatal_ends_ = 0;
  std::size_t fatal_reported_ = 0;
  /// An attempt with fresh credentials has followed a close code of credentials.
  bool has_retried_credentials_ = false;

  /// Counts since the last reset.
  bool is_count_sure_ = true;
  std::uint32_t begun_ = 0;
  std::int64_t timed_ = 0;
  bool has_begun_ = false;
  std::optional<std::chrono::milliseconds> since_;
  std::optional<std::chrono::milliseconds> in_order_since_;
};

}  // namespace model
