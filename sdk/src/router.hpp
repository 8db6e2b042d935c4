#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "handler_list.hpp"
#include "inbox.hpp"
#include "steady/message.hpp"
#include "steady/subscription.hpp"
#include "type_scanner.hpp"

namespace steady::detail {

/// Message type -> handlers.
class Router final : public Inbox {
 public:
  using Handler = std::function<void(const Message&)>;

  explicit Router(std::string type_member) : scanner_(std::move(type_member)) {}

  Subscription on(std::string_view type, Handler handler);
  Subscription on_message(Handler handler) { return all_.add(std::move(handler)); }

  /// Types that are remembered, some of them perhaps without a handler.
  std::size_t routes() const { return routes_.size(); }

  Error receive(Inbound& message, std::size_t max_bytes) override;
  void clear() override;

 private:
  struct Route {
    std::string type;
    HandlerList<Message> handlers;
  };
  static constexpr std::string_view any = "*";

  /// True if somebody would look at a message of this kind.
  bool wants(MessageKind kind) const;
  void dispatch(MessageKind kind, std::string_view data);
  /// Where `type` is in routes_, or would be.
  std::vector<Route>::iterator place(std::string_view type);
  void dispatch_to(std::string_view type, const Message& message);

  TypeScanner scanner_;
  InboundBuffer buffer_;
  HandlerList<Message> all_;
  /// Sorted by type.
  std::vector<Route> routes_;
  /// How many routes there may be before those without handlers are cleared away.
  std::size_t sweep_at_ = 16;
};

}  // namespace steady::detail
