#pragma once

#include <cstdint>
#include <memory>
#include <utility>

namespace steady {

namespace detail {
class HandlerListBase {
 public:
  virtual ~HandlerListBase() = default;
  virtual void remove(std::uint32_t id) = 0;
};
}  // namespace detail

/// Keeps a handler subscribed. The handler goes when the Subscription goes, also in the middle of
/// a dispatch. It may outlive its Socket.
class [[nodiscard]] Subscription {
 public:
  Subscription() = default;
  /// Made by the Socket.
  Subscription(std::weak_ptr<detail::HandlerListBase> list, std::uint32_t id)
      : list_(std::move(list)), id_(id) {}

  /// Leaves an empty one behind.
  Subscription(Subscription&& other) noexcept
      : list_(std::exchange(other.list_, {})), id_(std::exchange(other.id_, 0)) {}
  /// Ends what it had, and leaves an empty one behind.
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

  /// Ends the handler now. Harmless when done twice.
  void unsubscribe() {
    if (const auto list = std::exchange(list_, {}).lock()) list->remove(id_);
  }

  /// Lets go: the handler stays for as long as the Socket lives.
  void keep() { list_.reset(); }

 private:
  std::weak_ptr<detail::HandlerListBase> list_;
  std::uint32_t id_ = 0;
};

}  // namespace steady
