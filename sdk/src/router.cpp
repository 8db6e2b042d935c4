#include "router.hpp"

namespace steady::detail {

Subscription Router::on(std::string_view type, Handlers::Handler handler) {
  auto route = routes_.find(type);
  if (route == routes_.end()) {
    route = routes_.emplace(std::string(type), std::make_shared<Handlers>()).first;
  }
  return Handlers::add(route->second, std::move(handler));
}

bool Router::wants(MessageKind kind) const {
  if (!all_->empty()) return true;
  if (kind == MessageKind::binary) return false;
  for (const auto& [type, handlers] : routes_) {
    if (!handlers->empty()) return true;
  }
  return false;
}

void Router::dispatch(MessageKind kind, std::string_view data) {
  Message message{kind, {}, data};
  all_->dispatch(message);
  if (kind == MessageKind::binary || routes_.empty() || !scanner_.scan(data)) return;
  message.type = scanner_.type();
  // A handler may add routes: look each up when its turn comes, and hold it while it is called.
  for (const std::string_view type : {message.type, any}) {
    if (const auto route = routes_.find(type); route != routes_.end()) {
      const auto handlers = route->second;
      handlers->dispatch(message);
    }
    if (message.type == any) return;
  }
}

void Router::clear() {
  all_->clear();
  for (auto& [type, handlers] : routes_) handlers->clear();
}

}  // namespace steady::detail
