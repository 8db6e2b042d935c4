#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "steady/handler.hpp"
#include "steady/options.hpp"
#include "steady/request.hpp"
#include "steady/runtime.hpp"
#include "steady/send_result.hpp"
#include "steady/subscription.hpp"
#include "type_scanner.hpp"

namespace steady::detail {

/// The socket of Requests.
class RequestsListener {
 public:
  /// Subscribes Requests::on_message.
  virtual Subscription read_replies_with(Handler<Message> handler) = 0;
  /// A message is not expected to be answered any more.
  virtual void forget(std::uint32_t id) = 0;
  /// Calls Requests::settle for this request, in the place in which handlers run, after earlier
  /// events and messages.
  virtual void settle_later(std::string id, RequestStatus status, DropReason reason) = 0;

 protected:
  ~RequestsListener() = default;
};

/// Pending requests of a socket, and the matching of replies with them.
class Requests {
 public:
  /// All must outlive it, until shut_down().
  Requests(const Options& options, Runtime& runtime, RequestsListener& listener);
  Requests(const Requests&) = delete;
  Requests& operator=(const Requests&) = delete;

  /// Returns an id that no other request has, of this program or of an earlier run: a server may
  /// remember ids.
  std::string new_id();
  /// Adds a request that was passed to send(), with this result.
  void add(const std::string& id, const SendResult& sent, Handler<Reply>&& handler,
           std::chrono::milliseconds timeout);
  /// Adds a request that cannot be sent.
  void add_refused(const std::string& id, Handler<Reply>&& handler);

  // --- Called where handlers run. Each may destroy the socket. ---

  /// Looks for the id of a pending request in a received message.
  void on_message(const Message& message);
  /// A message with SendOptions::reply has ended.
  void on_outcome(const Outcome& outcome);
  /// Settles a request without a reply. No effect if it is settled.
  void settle(std::string_view id, RequestStatus status, DropReason reason);

  /// Destroys the handlers and cancels the timers.
  void shut_down();

 private:
  struct Pending {
    std::string id;
    std::uint32_t message = 0;
    TimerId timer = 0;
    Handler<Reply> handler;
  };

  Pending& add(const std::string& id, Handler<Reply>&& handler);
  /// Removes the request.
  Pending take(std::vector<Pending>::iterator pending);
  std::vector<Pending>::iterator find(std::string_view id);
  /// The text of the error member; no value if there is none.
  std::optional<std::string> failure_in(std::string_view text) const;

  const Options& options_;
  Runtime& runtime_;
  RequestsListener& listener_;
  TypeScanner id_scanner_;
  /// Oldest first.
  std::vector<Pending> pending_;
  /// Kept while requests are pending: a socket without handlers of every message reads only what it
  /// needs.
  Subscription messages_;
  bool is_reading_ = false;
  std::string prefix_;
  std::uint32_t last_id_ = 0;
};

}  // namespace steady::detail
