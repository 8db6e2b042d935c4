#include "allocation_count.hpp"

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<std::size_t> count = 0;
thread_local bool is_counted = true;

void* taken(std::size_t size) {
  if (is_counted) ++count;
  void* const memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) std::abort();
  return memory;
}

}  // namespace

std::size_t allocation_count() { return count; }
void do_not_count_this_thread() { is_counted = false; }

// The linker redirects realloc here (--wrap=realloc).
extern "C" {
void* __real_realloc(void* memory, std::size_t size);
void* __wrap_realloc(void* memory, std::size_t size) {
  if (is_counted) ++count;
  return __real_realloc(memory, size);
}
}

void* operator new(std::size_t size) { return taken(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return taken(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
