#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "session_server.hpp"
#include "steady/socket.hpp"
#include "steady/testing/life_log.hpp"
#include "steady/testing/recording_runtime.hpp"

namespace model {

/// One random life of a Socket with a session, and its server. It ends without failures; then each
/// message of both sides was handled exactly once and in order, or reported.
class SessionLife {
 public:
  SessionLife(Random& random, Witness& witness);
  void run(std::size_t steps);

 private:
  /// A message of the client.
  struct Message {
    bool is_taken = false;
    bool is_dropped = false;
    /// Its reason excludes that it was sent.
    bool was_not_sent = false;
  };

  void trace(const std::string& line) const { note(0, line); }
  static steady::Options draw(Random& random);
  void listen();
  void happen();
  void act();
  void serve();
  void send();
  void call_delivered();
  void pass(std::size_t ms);
  void look();
  void end_well();
  bool is_settled();
  void look_at_all();

  Random& random_;
  Witness& witness_;
  const steady::Options options_;
  steady::testing::ManualRuntime runtime_;
  steady::testing::LifeLog log_;
  steady::testing::RecordingRuntime recording_{runtime_, log_};
  SessionServer server_;
  std::unique_ptr<steady::Socket> socket_;
  std::vector<steady::Subscription> subscriptions_;
  std::map<std::uint64_t, Message> messages_;
  std::uint64_t last_ = 0;
  std::uint64_t last_dispatched_ = 0;
  /// Messages without an outcome so far, by id.
  std::map<std::uint32_t, std::uint64_t> tracked_;
  std::size_t deliveries_ = 0;
};

}  // namespace model
