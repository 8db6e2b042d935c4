#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "handler_list.hpp"
#include "steady/message.hpp"
#include "steady/subscription.hpp"
#include "type_scanner.hpp"

namespace steady::detail {

/// Message type -> handlers.
class Router {
 public:
  using Handlers = HandlerList<const Message&>;

  explicit Router(std::string type_member) : scanner_(std::move(type_member)) {}

  Subscription on(std::string_view type, Handlers::Handler handler);
  Subscription on_message(Handlers::Handler handler) {
    return Handlers::add(all_, std::move(handler));
  }

  /// True if somebody would look at a message of this kind.
  bool wants(MessageKind kind) const;

  /// Handlers may do anything, except destroying the router.
  void dispatch(MessageKind kind, std::string_view data);

  void clear();

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };

  static constexpr std::string_view any = "*";

  TypeScanner scanner_;
  std::shared_ptr<Handlers> all_ = std::make_shared<Handlers>();
  std::unordered_map<std::string, std::shared_ptr<Handlers>, Hash, std::equal_to<>> routes_;
};

}  // namespace steady::detail
