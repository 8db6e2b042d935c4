#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "batch_reader.hpp"
#include "handler_list.hpp"
#include "steady/error.hpp"
#include "steady/message.hpp"
#include "steady/subscription.hpp"
#include "steady/transport.hpp"
#include "type_scanner.hpp"

namespace steady::detail {

/// Content of one received text message.
enum class Framing : std::uint8_t {
  single,   ///< A message.
  batched,  ///< A message, or a JSON array of messages.
};

/// Dispatches received messages to handlers by type.
class Router {
 public:
  /// `type_member`: see Options::type_member. Must be valid.
  explicit Router(std::string_view type_member) : scanner_(type_member) {}

  Subscription on(std::string_view type, Handler<Message> handler);
  Subscription on_message(Handler<Message> handler) { return all_.add(std::move(handler)); }
  Subscription on_binary(Handler<Message> handler) { return binary_.add(std::move(handler)); }

  /// Number of types in the table, including types without a handler.
  std::size_t routes() const { return routes_.size(); }

  /// Reads a received message if it has handlers, and no more of it than finding them takes.
  /// Errors: message_too_large, out_of_memory; there is nothing to dispatch then.
  Error take(Inbound& inbound, std::size_t max_bytes, Framing framing);
  /// Calls the handlers of the next message in it, which must not destroy the router. Returns false
  /// if there is no further message; `error` is set then if the rest is malformed.
  bool dispatch_next(Error& error);
  /// Releases the message's memory. The rest of it is not dispatched.
  void finish();
  /// Ends all subscriptions.
  void clear();

  /// If `does` is true, take() also reads messages without handlers, which may have handlers by the
  /// time they are dispatched.
  void read_all(bool does) { reads_all_ = does; }
  /// Starts a search among the messages read from now on: found() returns true if one of them had
  /// the type `sought`, or was the text `sought`, with or without a handler. An empty string ends
  /// the search. The string must stay valid.
  void seek(std::string_view sought) {
    sought_ = sought;
    has_found_ = false;
  }
  bool found() const { return has_found_ && !sought_.empty(); }
  /// A message in what take() has read: see next().
  struct Part {
    /// With its type, if `has_type`.
    Message message;
    bool has_type = false;
    /// The buffer that the message fills completely, or null. May be swapped with another.
    InboundBuffer* whole = nullptr;
  };
  /// Returns the next message instead of dispatching it. See dispatch_next().
  bool next(Part& part, Error& error);
  /// True if there is a handler for such a message.
  bool has_handler(const Message& message, bool has_type);
  /// Calls the handlers of a message from next(). It must not view the router's memory, which
  /// handlers may change.
  void dispatch_kept(const Message& message, bool has_type);

 private:
  struct Route {
    std::string type;
    HandlerList<Message> handlers;
  };
  /// True if there may be a handler for messages of this kind.
  bool has_handler(MessageKind kind) const;
  /// True if there is a handler for messages of this type.
  bool has_handler_for_type(std::string_view type);
  /// Returns true if the text has a type: see TypeScanner::type().
  bool scan(std::string_view text);
  void dispatch(MessageKind kind, std::string_view data);
  void dispatch_by_type(const Message& message);
  /// Returns the next message in what take() has read.
  bool next_data(std::string_view& data, InboundBuffer** whole, Error& error);
  /// Position of `type` in routes_, or its insertion point.
  std::vector<std::unique_ptr<Route>>::iterator place(std::string_view type);
  /// Returns the handlers of `type`, or null.
  const HandlerList<Message>* find(std::string_view type);

  TypeScanner scanner_;
  /// Handlers of every message, of binary messages, and of every type ("*").
  HandlerList<Message> all_;
  HandlerList<Message> binary_;
  HandlerList<Message> any_;
  /// Sorted by type.
  std::vector<std::unique_ptr<Route>> routes_;
  /// Number of routes at which those without handlers are removed.
  std::size_t sweep_at_ = 16;
  /// Index of the last message's type, which is often the type of the next message.
  std::size_t last_ = 0;
  /// The last text message had a handler, so the next probably has one and is read completely at
  /// once.
  bool expects_handler_ = true;
  bool reads_all_ = false;
  /// See seek().
  std::string_view sought_;
  bool has_found_ = false;

  // Read by take() and not dispatched yet.
  InboundBuffer buffer_;
  MessageKind kind_ = MessageKind::text;
  enum class Left : std::uint8_t { nothing, one, batch } left_ = Left::nothing;
  BatchReader batch_;
};

}  // namespace steady::detail
