#include "router.hpp"

#include <algorithm>

namespace steady::detail {

namespace {

/// A larger buffer is given back after its message.
constexpr std::size_t kept_bytes = std::size_t{1} << 18;

}  // namespace

Error Router::receive(Inbound& message, std::size_t max_bytes) {
  if (!wants(message.kind())) return {};
  if (message.size() > max_bytes) {
    return {ErrorCode::message_too_large, "a received message is larger than the limit"};
  }
  if (Error error = message.read(buffer_)) return error;
  dispatch(message.kind(), buffer_.view());
  buffer_.shrink_above(kept_bytes);
  return {};
}

std::vector<Router::Route>::iterator Router::place(std::string_view type) {
  return std::lower_bound(
      routes_.begin(), routes_.end(), type,
      [](const Route& route, std::string_view wanted) { return route.type < wanted; });
}

Subscription Router::on(std::string_view type, Handler handler) {
  if (routes_.size() >= sweep_at_) {
    std::erase_if(routes_, [](const Route& route) { return route.handlers.empty(); });
    sweep_at_ = std::max<std::size_t>(16, 2 * routes_.size());
  }
  auto route = place(type);
  if (route == routes_.end() || route->type != type) {
    route = routes_.insert(route, Route{std::string(type), {}});
  }
  return route->handlers.add(std::move(handler));
}

bool Router::wants(MessageKind kind) const {
  if (!all_.empty()) return true;
  return kind == MessageKind::text &&
         std::any_of(routes_.begin(), routes_.end(),
                     [](const Route& route) { return !route.handlers.empty(); });
}

void Router::dispatch(MessageKind kind, std::string_view data) {
  Message message{kind, {}, data};
  all_.dispatch(message);
  if (kind == MessageKind::binary || routes_.empty() || !scanner_.scan(data)) return;
  message.type = scanner_.type();
  dispatch_to(message.type, message);
  if (message.type != any) dispatch_to(any, message);
}

void Router::dispatch_to(std::string_view type, const Message& message) {
  const auto route = place(type);
  if (route == routes_.end() || route->type != type) return;
  // A handler may add routes and so move them: hold the list, not the route.
  const HandlerList<Message> handlers = route->handlers;
  handlers.dispatch(message);
}

void Router::clear() {
  all_.clear();
  for (const Route& route : routes_) route.handlers.clear();
}

}  // namespace steady::detail
