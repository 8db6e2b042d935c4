// malloc and free, in a tenth of the code of Emscripten's smallest allocator. The size of a block
// is a power of two, and a freed block is reused for the same size only. That is sufficient where
// payloads are JavaScript values: a socket takes a few small blocks, a queued message one, and an
// event one.
#include <emscripten/emscripten.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" {
/// Defined by the linker: the beginning of unused memory.
extern char __heap_base;
/// Defined by Emscripten: renews JavaScript's views of the memory.
void emscripten_notify_memory_growth(std::size_t memory);
}

namespace {

/// Header in front of the memory that malloc returns.
union alignas(8) Block {
  /// Of a block in use: the binary logarithm of its size.
  std::size_t power;
  /// Of a free block: the next free block of this size.
  Block* next;
};

std::array<Block*, 32> free_blocks;

/// Beginning of unused memory. Initially a multiple of 16.
char* untaken = &__heap_base;

/// Returns memory that was never used. Ends the program if there is none.
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
  // Keeps the block size at 2^31 bytes or less, which is more than can be allocated.
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
