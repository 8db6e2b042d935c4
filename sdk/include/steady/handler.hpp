#pragma once

#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

#include "steady/cpp20.hpp"

namespace steady {

namespace detail {

/// A handler of one event, independent of the event's type: code that stores and calls handlers is
/// in the program once.
class AnyHandler {
 public:
  virtual ~AnyHandler() = default;
  virtual void call(const void* event) = 0;
};

template <class Event, class Function>
class HandlerOf final : public AnyHandler {
 public:
  explicit HandlerOf(Function&& function) : function_(std::move(function)) {}
  explicit HandlerOf(const Function& function) : function_(function) {}
  void call(const void* event) override { function_(*static_cast<const Event*>(event)); }

 private:
  Function function_;
};

/// A handler without an argument, as one with an argument.
template <class Function>
class WithoutEvent {
 public:
  template <class Given>
  explicit WithoutEvent(Given&& function) : function_(std::forward<Given>(function)) {}
  void operator()(std::nullptr_t) { function_(); }

 private:
  Function function_;
};

template <class Function>
inline constexpr bool can_be_null = std::is_pointer_v<Function>;
template <class Signature>
inline constexpr bool can_be_null<std::function<Signature>> = true;

/// Returns true for a null pointer and an empty std::function.
template <class Function>
bool is_null(const Function& function) {
  if constexpr (can_be_null<Function>) {
    return function == nullptr;
  } else {
    return false;
  }
}

}  // namespace detail

/// A function that is called with events, such as a lambda: `void(const Event&)`. Unlike a
/// std::function it need not be copyable, so it may capture a std::unique_ptr. Move-only.
template <class Event>
class Handler {
 public:
  /// Without a function.
  Handler() = default;
  /// Without a function.
  Handler(std::nullptr_t) {}
  /// Calls `function`. Without a function if it is a null pointer or an empty std::function.
  template <class Function>
  requires(!std::same_as<std::remove_cvref_t<Function>, Handler> &&
           std::invocable<std::decay_t<Function>&, const Event&>) Handler(Function&& function) {
    using Stored = std::decay_t<Function>;
    if (detail::is_null<Stored>(function)) return;
    handler_ = std::make_unique<detail::HandlerOf<Event, Stored>>(std::forward<Function>(function));
  }

  /// True if there is a function.
  explicit operator bool() const { return handler_ != nullptr; }
  /// Calls the function. There must be one.
  void operator()(const Event& event) const { handler_->call(&event); }
  /// Returns the function. For the Socket.
  std::unique_ptr<detail::AnyHandler> release() { return std::move(handler_); }

 private:
  std::unique_ptr<detail::AnyHandler> handler_;
};

/// A function without arguments: `void()`. See Handler.
template <>
class Handler<void> {
 public:
  /// Without a function.
  Handler() = default;
  /// Without a function.
  Handler(std::nullptr_t) {}
  /// Calls `function`. Without a function if it is a null pointer or an empty std::function.
  template <class Function>
  requires(!std::same_as<std::remove_cvref_t<Function>, Handler> &&
           std::invocable<std::decay_t<Function>&>) Handler(Function&& function) {
    using Stored = std::decay_t<Function>;
    if (detail::is_null<Stored>(function)) return;
    handler_ = detail::WithoutEvent<Stored>(std::forward<Function>(function));
  }

  /// True if there is a function.
  explicit operator bool() const { return static_cast<bool>(handler_); }
  /// Calls the function. There must be one.
  void operator()() const { handler_(nullptr); }
  /// Returns the function. For the Socket.
  std::unique_ptr<detail::AnyHandler> release() { return handler_.release(); }

 private:
  Handler<std::nullptr_t> handler_;
};

}  // namespace steady
