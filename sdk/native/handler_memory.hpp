#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <new>
#include <utility>

namespace steady::native {

/// Memory for the asynchronous operations of one connection, which is reused by later operations.
/// There are few at a time, so a small number of blocks is enough. Must outlive the operations.
class HandlerMemory {
 public:
  HandlerMemory() = default;
  HandlerMemory(const HandlerMemory&) = delete;
  HandlerMemory& operator=(const HandlerMemory&) = delete;

  void* allocate(std::size_t size) {
    // Sizes are rounded up, so that blocks fit different operations.
    constexpr std::size_t step = 1'024;
    size = (size + step - 1) / step * step;
    for (Block& block : blocks_) {
      if (block.is_used || (block.memory && block.size < size)) continue;
      if (!block.memory) block = {std::make_unique<std::byte[]>(size), size, false};
      block.is_used = true;
      return block.memory.get();
    }
    return ::operator new(size);
  }

  void deallocate(void* memory) {
    for (Block& block : blocks_) {
      if (block.memory.get() != memory) continue;
      block.is_used = false;
      return;
    }
    ::operator delete(memory);
  }

 private:
  struct Block {
    std::unique_ptr<std::byte[]> memory;
    std::size_t size = 0;
    bool is_used = false;
  };
  std::array<Block, 16> blocks_;
};

/// The associated allocator of an AllocatorBinder.
template <class T>
class HandlerAllocator {
 public:
  using value_type = T;

  explicit HandlerAllocator(HandlerMemory& memory) : memory_(&memory) {}
  template <class U>
  HandlerAllocator(const HandlerAllocator<U>& other) : memory_(other.memory()) {}

  T* allocate(std::size_t count) { return static_cast<T*>(memory_->allocate(count * sizeof(T))); }
  void deallocate(T* memory, std::size_t) { memory_->deallocate(memory); }
  HandlerMemory* memory() const { return memory_; }

  template <class U>
  bool operator==(const HandlerAllocator<U>& other) const {
    return memory_ == other.memory();
  }

 private:
  HandlerMemory* memory_;
};

/// A handler whose operations allocate from a HandlerMemory.
template <class Handler>
class AllocatorBinder {
 public:
  using allocator_type = HandlerAllocator<void>;

  AllocatorBinder(HandlerMemory& memory, Handler handler)
      : memory_(&memory), handler_(std::move(handler)) {}
  allocator_type get_allocator() const noexcept { return allocator_type(*memory_); }
  template <class... Args>
  void operator()(Args&&... args) {
    handler_(std::forward<Args>(args)...);
  }

 private:
  HandlerMemory* memory_;
  Handler handler_;
};

}  // namespace steady::native
