#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
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

/// What one received text is.
enum class Framing : std::uint8_t {
  single,   ///< A message.
  batched,  ///< A message, or a JSON array of messages.
};

/// Message type -> handlers.
class Router {
 public:
  using Handler = std::function<void(const Message&)>;

  /// `type_member`: see Options. It must be valid.
  explicit Router(std::string_view type_member) : scanner_(type_member) {}

  Subscription on(std::string_view type, Handler handler);
  Subscription on_message(Handler handler) { return all_.add(std::move(handler)); }
  Subscription on_binary(Handler handler) { return binary_.add(std::move(handler)); }

  /// Types that are remembered, some of them perhaps without a handler.
  std::size_t routes() const { return routes_.size(); }

  /// Reads what has arrived, if somebody wants it and only as far as that takes.
  /// Errors: message_too_large, out_of_memory; there is nothing to dispatch then.
  Error take(Inbound& inbound, std::size_t max_bytes, Framing framing);
  /// Calls the handlers of the next message in it. They may do anything, except destroying the
  /// router. False when there is no other message; then `error` may say that the rest is malformed.
  bool dispatch_next(Error& error);
  /// Gives back what the message took. Whatever is left of it is not dispatched.
  void finish();
  /// Ends all subscriptions.
  void clear();

  /// Whether take() also reads what nobody wants: somebody may by the time it is told.
  void read_unwanted(bool also) { reads_unwanted_ = also; }
  /// From now on found() says whether a text of this type, or just this text, was among those that
  /// were taken in, whether or not somebody listens. Empty for none; it must stay where it is.
  void seek(std::string_view sought) {
    sought_ = sought;
    has_found_ = false;
  }
  bool found() const { return has_found_ && !sought_.empty(); }
  /// Instead of dispatch_next, for a message that is to be kept.
  struct Part {
    /// With its type, if it has one.
    Message message;
    bool has_type = false;
    /// The buffer that the message is all of, or null. It may be swapped for another.
    InboundBuffer* whole = nullptr;
  };
  bool next(Part& part, Error& error);
  /// True if somebody listens to such a message.
  bool wants(const Message& message, bool has_type);
  /// Calls the handlers of a message that was kept, with its type: they may do anything, so what
  /// the message views must not be the router's.
  void dispatch_kept(const Message& message, bool has_type);

 private:
  struct Route {
    std::string type;
    HandlerList<Message> handlers;
  };
  /// True if somebody might look at a message of this kind.
  bool wants(MessageKind kind) const;
  /// True if somebody listens to messages of this type.
  bool wants_type(std::string_view type);
  /// True if it has a type: see TypeScanner::type().
  bool scan(std::string_view text);
  void dispatch(MessageKind kind, std::string_view data);
  void dispatch_by_type(const Message& message);
  /// The next message in what was taken in.
  bool next_data(std::string_view& data, InboundBuffer** whole, Error& error);
  /// Where `type` is in routes_, or would be.
  std::vector<std::unique_ptr<Route>>::iterator place(std::string_view type);
  /// The handlers of `type`, or null.
  const HandlerList<Message>* find(std::string_view type);

  TypeScanner scanner_;
  /// For every message, for binary ones, and for every type ("*").
  HandlerList<Message> all_;
  HandlerList<Message> binary_;
  HandlerList<Message> any_;
  /// Sorted by type.
  std::vector<std::unique_ptr<Route>> routes_;
  /// How many routes there may be before those without handlers are cleared away.
  std::size_t sweep_at_ = 16;
  /// Where the last message's type was: the next one's is often the same.
  std::size_t last_ = 0;
  /// The last text had a reader, so the next one probably has: it is read at once.
  bool expects_reader_ = true;
  bool reads_unwanted_ = false;
  /// See seek().
  std::string_view sought_;
  bool has_found_ = false;

  // What was taken in and is not yet dispatched.
  InboundBuffer buffer_;
  MessageKind kind_ = MessageKind::text;
  enum class Left : std::uint8_t { nothing, one, batch } left_ = Left::nothing;
  BatchReader batch_;
};

}  // namespace steady::detail
