#include "router.hpp"

#include <algorithm>

#include "utf8.hpp"

namespace steady::detail {

namespace {

/// A larger buffer is freed after its message.
constexpr std::size_t kept_text_bytes = std::size_t{1} << 18;
/// Bytes of a text message that are read first, to find its type.
constexpr std::size_t prefix_bytes = 512;

Error too_large() {
  return {ErrorCode::message_too_large, "a received message is larger than the limit"};
}

}  // namespace

Error Router::take(Inbound& inbound, std::size_t max_bytes, Framing framing) {
  left_ = Left::nothing;
  kind_ = inbound.kind();
  const bool is_needed = reads_all_ || has_handler(kind_);
  if (!is_needed && (sought_.empty() || kind_ == MessageKind::binary)) return {};
  buffer_.set_size(0);
  // A handler of every message, and a batch, need the whole message.
  const bool only_by_type =
      !reads_all_ && all_.empty() && kind_ == MessageKind::text && framing == Framing::single;
  if (only_by_type && (!expects_handler_ || !is_needed) && inbound.size() > prefix_bytes) {
    if (Error error = inbound.read(buffer_, prefix_bytes)) return error;
    const auto result = scanner_.scan(buffer_.view());
    if (result == TypeScanner::Result::absent) return {};
    if (result == TypeScanner::Result::found && !has_handler_for_type(scanner_.type())) {
      has_found_ |= scanner_.type() == sought_;
      return {};
    }
  }
  if (inbound.size() > max_bytes) return is_needed ? too_large() : Error{};
  if (Error error = inbound.read(buffer_, Inbound::all)) return error;
  // Inbound::size() is a lower bound.
  if (buffer_.size() > max_bytes) return too_large();
  left_ = Left::one;
  if (framing == Framing::batched && kind_ == MessageKind::text &&
      BatchReader::is_batch(buffer_.view())) {
    batch_ = BatchReader(buffer_.view());
    left_ = Left::batch;
  }
  return {};
}

bool Router::next_data(std::string_view& data, InboundBuffer** whole, Error& error) {
  *whole = nullptr;
  if (left_ == Left::one) {
    left_ = Left::nothing;
    data = buffer_.view();
    *whole = &buffer_;
    return true;
  }
  if (left_ == Left::batch && batch_.next(data)) return true;
  if (left_ == Left::batch && batch_.is_malformed()) {
    error = {ErrorCode::malformed_message,
             "a received batch is not a JSON array: " + beginning_of(buffer_.view())};
  }
  left_ = Left::nothing;
  return false;
}

bool Router::dispatch_next(Error& error) {
  std::string_view data;
  InboundBuffer* whole = nullptr;
  if (!next_data(data, &whole, error)) return false;
  dispatch(kind_, data);
  return true;
}

bool Router::next(Part& part, Error& error) {
  std::string_view data;
  if (!next_data(data, &part.whole, error)) return false;
  part.message = {kind_, {}, data};
  part.has_type = false;
  if (kind_ == MessageKind::binary) return true;
  part.has_type = scan(data);
  if (part.has_type) part.message.type = scanner_.type();
  expects_handler_ = part.has_type && has_handler_for_type(part.message.type);
  return true;
}

bool Router::has_handler(const Message& message, bool has_type) {
  if (message.kind == MessageKind::binary) return has_handler(message.kind);
  return !all_.empty() || (has_type && has_handler_for_type(message.type));
}

void Router::finish() {
  left_ = Left::nothing;
  buffer_.shrink_above(kept_text_bytes);
}

std::vector<std::unique_ptr<Router::Route>>::iterator Router::place(std::string_view type) {
  return std::lower_bound(
      routes_.begin(), routes_.end(), type,
      [](const auto& route, std::string_view wanted) { return route->type < wanted; });
}

Subscription Router::on(std::string_view type, Handler<Message> handler) {
  if (type == "*") return any_.add(std::move(handler));
  if (routes_.size() >= sweep_at_) {
    std::erase_if(routes_, [](const auto& route) { return route->handlers.empty(); });
    sweep_at_ = std::max<std::size_t>(16, 2 * routes_.size());
  }
  auto route = place(type);
  if (route == routes_.end() || (*route)->type != type) {
    const auto at = route - routes_.begin();
    routes_.push_back(std::make_unique<Route>(Route{std::string(type), {}}));
    // Rotates it into its place. Less code than std::vector::insert.
    route = routes_.begin() + at;
    for (auto next = route; next != routes_.end(); ++next) std::swap(*next, routes_.back());
  }
  return (*route)->handlers.add(std::move(handler));
}

bool Router::has_handler(MessageKind kind) const {
  if (!all_.empty()) return true;
  if (kind == MessageKind::binary) return !binary_.empty();
  return !any_.empty() || std::any_of(routes_.begin(), routes_.end(),
                                      [](const auto& route) { return !route->handlers.empty(); });
}

bool Router::has_handler_for_type(std::string_view type) {
  const auto* const handlers = find(type);
  return !any_.empty() || (handlers != nullptr && !handlers->empty());
}

bool Router::scan(std::string_view text) {
  const bool has_type = scanner_.scan(text) == TypeScanner::Result::found;
  has_found_ |= (has_type ? scanner_.type() : text) == sought_;
  return has_type;
}

void Router::dispatch(MessageKind kind, std::string_view data) {
  Message message{kind, {}, data};
  all_.dispatch(message);
  if (kind == MessageKind::binary) return binary_.dispatch(message);
  if (routes_.empty() && any_.empty() && sought_.empty()) return;
  expects_handler_ = false;
  if (!scan(data)) return;
  message.type = scanner_.type();
  dispatch_by_type(message);
}

void Router::dispatch_kept(const Message& message, bool has_type) {
  all_.dispatch({message.kind, {}, message.data});
  if (message.kind == MessageKind::binary) return binary_.dispatch(message);
  if (has_type) dispatch_by_type(message);
}

void Router::dispatch_by_type(const Message& message) {
  expects_handler_ = has_handler_for_type(message.type);
  if (const auto* const found = find(message.type)) {
    // A handler may add routes, which moves them: hold the list, not the route.
    const HandlerList<Message> handlers = *found;
    handlers.dispatch(message);
  }
  any_.dispatch(message);
}

const HandlerList<Message>* Router::find(std::string_view type) {
  if (last_ < routes_.size() && routes_[last_]->type == type) return &routes_[last_]->handlers;
  const auto route = place(type);
  if (route == routes_.end() || (*route)->type != type) return nullptr;
  last_ = static_cast<std::size_t>(route - routes_.begin());
  return &(*route)->handlers;
}

void Router::clear() {
  all_.clear();
  binary_.clear();
  any_.clear();
  for (const auto& route : routes_) route->handlers.clear();
}

}  // namespace steady::detail
