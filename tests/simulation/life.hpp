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

/// One random life of a Socket: what users call, from outside and from inside handlers, what
/// servers, networks and platforms do, and time. Mail and Attempts say what must hold.
class Life {
 public:
  explicit Life(Random& random);
  void run(std::size_t steps);

 private:
  /// What the user keeps to answer with later.
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
    bool told = false;
    bool may_be_told = false;
    bool may_fail = false;
  };

  void say(const std::string& line) const { note(depth_, line); }
  steady::Options draw();

  // life_hears.cpp: what is heard and asked, and what the user does then.
  void listen();
  void read_messages();
  void keep(steady::Subscription subscription) {
    subscriptions_.push_back(std::move(subscription));
  }
  void hear(const std::string& what);
  std::optional<steady::CloseAction> decide(const steady::CloseInfo& info);
  void provide(const steady::ConnectReply& reply);
  void greet(const steady::Greeting& greeting);
  void drained_told(std::size_t number, const steady::Error& error);
  void act_inside();

  // life_calls.cpp: what the user calls.
  void act();
  void call();
  void send();
  void cancel();
  void reply();
  void reply(std::uint32_t id);
  void close(bool flush);
  void start_again(int how);
  void suspend();
  void ask_drained();
  void answer();
  void answer(Reply& reply);
  void answer_well(Reply& reply);
  void go_on_with_greeting();
  void send_first(Greeted& greeted);
  void ready(Greeted& greeted);
  void fail(Greeted& greeted);
  void end();

  // life_world.cpp: what everybody else does.
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
  void send_unasked();
  void end_well();
  void end_replies();

  // What must hold.
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
  /// Transports made when the newest connection opened.
  std::size_t opened_ = 0;
  /// The present connection has taken everything so far.
  bool platform_takes_ = false;
  /// Of the credit that was seen last.
  std::size_t credit_ = 0;
  std::size_t credit_used_ = 0;

  bool delivering_ = false;
  /// The message that was told last.
  const char* told_ = nullptr;
  steady::State told_state_ = steady::State::idle;
  /// A close with a flush was called, and has to be over its flush then.
  std::optional<std::chrono::milliseconds> flush_until_;
  /// All that waited then was known to wait, and not dropped and still to be told.
  bool flush_is_known_ = false;
  /// Since when there is nothing to wait for.
  std::optional<std::chrono::milliseconds> idle_since_;
};

}  // namespace model
