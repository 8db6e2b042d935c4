#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

#include "asio.hpp"
#include "handler_memory.hpp"

namespace steady::native {

/// A move-only handler of a read or a write: `void(error_code, std::size_t)` of any type. Asio's
/// operations are compiled once for this type and not for every handler of Beast.
///
/// The handler is stored in the HandlerMemory, from which the operation allocates as well, and is
/// moved out of there before it is called or destroyed. The pointer keeps alive whatever owns the
/// memory, and so the socket of the operation: Beast's own pings do not own their stream.
class Completion {
 public:
  using allocator_type = HandlerAllocator<void>;

  template <class Handler>
  Completion(std::shared_ptr<HandlerMemory> memory, Handler&& handler)
      : memory_(std::move(memory)),
        stored_(Stored<std::decay_t<Handler>>::make(*memory_, handler)) {}
  Completion(Completion&& other) noexcept
      : memory_(std::move(other.memory_)), stored_(std::exchange(other.stored_, nullptr)) {}
  Completion& operator=(Completion&&) = delete;
  ~Completion() {
    if (stored_ != nullptr) stored_->drop(*memory_);
  }

  allocator_type get_allocator() const noexcept { return allocator_type(*memory_); }

  /// Call once.
  void operator()(error_code error, std::size_t bytes = 0) {
    std::exchange(stored_, nullptr)->call(*memory_, error, bytes);
  }

 private:
  struct Base {
    virtual void call(HandlerMemory& memory, error_code error, std::size_t bytes) = 0;
    virtual void drop(HandlerMemory& memory) = 0;

   protected:
    ~Base() = default;
  };

  template <class Handler>
  struct Stored final : Base {
    explicit Stored(Handler&& moved) : handler(std::move(moved)) {}

    static Base* make(HandlerMemory& memory, Handler& moved) {
      static_assert(alignof(Stored) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);
      return new (memory.allocate(sizeof(Stored))) Stored(std::move(moved));
    }
    Handler take(HandlerMemory& memory) {
      Handler taken(std::move(handler));
      this->~Stored();
      memory.deallocate(this);
      return taken;
    }
    void call(HandlerMemory& memory, error_code error, std::size_t bytes) override {
      take(memory)(error, bytes);
    }
    void drop(HandlerMemory& memory) override { take(memory); }

    Handler handler;
  };

  std::shared_ptr<HandlerMemory> memory_;
  Base* stored_;
};

}  // namespace steady::native
