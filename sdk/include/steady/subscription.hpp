#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "steady/cpp20.hpp"

namespace steady {

namespace detail {
class HandlerListBase {
 public:
  virtual ~HandlerListBase() = default;
  virtual void remove(std::uint32_t id) = 0;
};
}  // namespace detail

/// Keeps a handler subscribed until it is destroyed, which may happen while the handler's event is
/// being dispatched. May outlive its Socket.
class [[nodiscard]] Subscription {
 public:
  Subscription() = default;
  /// Called by the Socket.
  Subscription(std::weak_ptr<detail::HandlerListBase> list, std::uint32_t id)
      : list_(std::move(list)), id_(id) {}

  /// `other` is empty afterwards.
  Subscription(Subscription&& other) noexcept
      : list_(std::exchange(other.list_, {})), id_(std::exchange(other.id_, 0)) {}
  /// Unsubscribes the current handler first. `other` is empty afterwards.
  Subscription& operator=(Subscription&& other) noexcept {
    if (this != &other) {
      unsubscribe();
      list_ = std::exchange(other.list_, {});
      id_ = std::exchange(other.id_, 0);
    }
    return *this;
  }
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;
  ~Subscription() { unsubscribe(); }

  /// Removes the handler. No effect if there is none.
  void unsubscribe() {
    if (const auto list = std::exchange(list_, {}).lock()) list->remove(id_);
  }

  /// Releases the handler, which then stays subscribed until the Socket is destroyed.
  void keep() { list_.reset(); }

 private:
  std::weak_ptr<detail::HandlerListBase> list_;
  std::uint32_t id_ = 0;
};

}  // namespace steady
