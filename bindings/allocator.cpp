// malloc and free in a tenth of the code of Emscripten's smallest. A block is a power of two, and a
// free one waits for the next of its size. So what was taken for one size is never there for
// another: good enough where payloads are JavaScript values, and memory is a few small blocks for a
// socket, one for a queued message and one for an event.
#include <emscripten/emscripten.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" {
/// The linker's: where the memory begins that nobody has taken.
extern char __heap_base;
/// Emscripten's: makes the views that JavaScript has of the memory anew.
void emscripten_notify_memory_growth(std::size_t memory);
}

namespace {

/// In front of what the program sees.
union alignas(8) Block {
  /// Of one in use: its size as a power of two.
  std::size_t power;
  /// Of a free one: the next of its size.
  Block* next;
};

std::array<Block*, 32> free_blocks;

/// Where the memory begins that was never taken: a multiple of 16 at first.
char* untaken = &__heap_base;

/// Takes memory that was never taken. Stops the program if there is none.
Block* take(std::size_t size) {
  constexpr std::size_t page = 1 << 16;
  constexpr std::size_t least_growth = 16 * page;
  const auto begin = reinterpret_cast<std::uintptr_t>(untaken);
  if (__builtin_wasm_memory_size(0) * page - begin < size) {
    const std::size_t pages = std::max(size, least_growth) / page + 1;
    if (__builtin_wasm_memory_grow(0, pages) == SIZE_MAX) std::abort();
    emscripten_notify_memory_growth(0);
  }
  untaken += size;
  return reinterpret_cast<Block*>(begin);
}

}  // namespace

extern "C" {

EMSCRIPTEN_KEEPALIVE void* malloc(std::size_t size) {
  // Half of the address space is more than there ever is.
  if (size > SIZE_MAX / 4) std::abort();
  const auto power = static_cast<std::size_t>(std::bit_width(size + sizeof(Block) - 1));
  Block*& free_block = free_blocks[power];
  Block* block = free_block;
  if (block != nullptr) {
    free_block = block->next;
  } else {
    block = take(std::size_t{1} << power);
  }
  block->power = power;
  return block + 1;
}

EMSCRIPTEN_KEEPALIVE void free(void* memory) {
  if (memory == nullptr) return;
  Block* const block = static_cast<Block*>(memory) - 1;
  Block*& free_block = free_blocks[block->power];
  block->next = free_block;
  free_block = block;
}

}  // extern "C"
