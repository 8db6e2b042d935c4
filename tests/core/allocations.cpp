#include "allocations.hpp"

#include <cstdlib>
#include <new>

namespace {
std::size_t count = 0;
std::size_t freed = 0;
std::size_t grown = 0;
}  // namespace

std::size_t allocations() { return count; }
std::size_t live_allocations() { return count - freed; }
std::size_t reallocations() { return grown; }

// The linker redirects realloc here (--wrap=realloc).
extern "C" {
void* __real_realloc(void* memory, std::size_t size);
void* __wrap_realloc(void* memory, std::size_t size) {
  ++grown;
  return __real_realloc(memory, size);
}
}

void* operator new(std::size_t size) {
  ++count;
  void* const memory = std::malloc(size);
  if (memory == nullptr) std::abort();
  return memory;
}

void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return operator new(size); }

void operator delete(void* memory) noexcept {
  if (memory != nullptr) ++freed;
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept { operator delete(memory); }
