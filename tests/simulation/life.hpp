#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "attempts.hpp"
#include "mail.hpp"
#include "steady/socket.hpp"
#include "steady/testing/life_log.hpp"
#include "steady/testing/manual_runtime.hpp"
#include "steady/testing/recording_runtime.hpp"
#include "story.hpp"

namespace model {

/// One random life of a Socket: calls from outside and inside handlers, actions of servers,
/// networks and platforms, and time. Mail and Attempts check the invariants.
class Life {
 public:
  explicit Life(Random& random);
  void run(std::size_t steps);

 private:
  /// Kept to reply later.
  struct Reply {
    steady::ConnectReply reply;
    std::size_t question;
  };
  struct Greeted {
    steady::Greeting greeting;
    std::size_t connection;
    bool has_failed = false;
  };
  struct Drained {
    bool is_reported = false;
    bool may_succeed = false;
    bool may_fail = false;
  };

  void trace(const std::string& line) const { note(depth_, line); }
  steady::Options draw();

  // life_events.cpp: events and questions, and the reactions of the user.
  void listen();
  void read_messages();
  void keep(steady::Subscription subscription) {
    subscriptions_.push_back(std::move(subscription));
  }
  void observe(const std::string& event);
  std::optional<steady::CloseAction> decide(const steady::CloseInfo& info);
  void provide(const steady::ConnectReply& reply);
  void greet(const steady::Greeting& greeting);
  void drained_reported(std::size_t number, const steady::Error& error);
  void act_inside();

  // life_calls.cpp: calls of the user.
  void act();
  void call();
  void send();
  void cancel();
  void reply();
  void reply(std::uint32_t id);
  void close(bool flush);
  void reopen(int method);
  void suspend();
  void call_drained();
  void answer();
  void answer(Reply& reply);
  void answer_well(Reply& reply);
  void go_on_with_greeting();
  void send_first(Greeted& greeted);
  void ready(Greeted& greeted);
  void fail(Greeted& greeted);
  void end();

  // life_world.cpp: actions of servers, networks and platforms.
  steady::testing::FakeConnection& connection() { return runtime_.connection(); }
  bool has_connection();
  bool is_open() { return has_connection() && opened_ == runtime_.transports(); }
  void happen();
  void pass(std::chrono::milliseconds time);
  void serve();
  void serve_attempt();
  void serve_connection();
  void server_closes();
  void hint();
  void accept();
  void deliver(const char* text);
  void send_on_credit();
  void end_well();
  void end_replies();

  // Invariants.
  void look();
  void look_at_all();
  void look_at_drained();

  Random& random_;
  const steady::Options options_;
  steady::testing::ManualRuntime runtime_;
  steady::testing::LifeLog log_;
  steady::testing::RecordingRuntime recording_{runtime_, log_};
  Mail mail_;
  Attempts attempts_;
  std::unique_ptr<steady::Socket> socket_;
  std::vector<steady::Subscription> subscriptions_;
  std::vector<Reply> replies_;
  std::vector<Greeted> greetings_;
  std::vector<Drained> drained_;
  std::size_t depth_ = 0;
  bool calling_ = false;

  bool takes_grants_ = false;
  /// Number of transports when the newest connection opened.
  std::size_t opened_ = 0;
  /// The current connection has accepted every message so far.
  bool platform_takes_ = false;
  /// The last credit observed, and the bytes of it that were used.
  std::size_t credit_ = 0;
  std::size_t credit_used_ = 0;

  bool delivering_ = false;
  /// Data of the message that was dispatched last.
  const char* dispatched_ = nullptr;
  steady::State reported_state_ = steady::State::idle;
  /// Deadline of a close with a flush.
  std::optional<std::chrono::milliseconds> flush_until_;
  /// The queue was known exactly when the flush began: no drop was pending.
  bool flush_is_known_ = false;
  /// Time since which drained() has nothing to wait for.
  std::optional<std::chrono::milliseconds> idle_since_;
};

}  // namespace model
