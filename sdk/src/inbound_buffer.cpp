#include <cstdlib>
#include <cstring>

#include "steady/transport.hpp"

namespace steady {

InboundBuffer::~InboundBuffer() { std::free(data_); }

bool InboundBuffer::reserve(std::size_t capacity) {
  if (capacity <= capacity_) return true;
  // Not realloc, which copies bytes beyond size_ and takes a kilobyte more of WebAssembly.
  auto* const grown = static_cast<char*>(std::malloc(capacity));
  if (grown == nullptr) return false;
  if (size_ > 0) std::memcpy(grown, data_, size_);
  std::free(data_);
  data_ = grown;
  capacity_ = capacity;
  return true;
}

void InboundBuffer::shrink_above(std::size_t limit) {
  if (capacity_ <= limit) return;
  std::free(data_);
  data_ = nullptr;
  capacity_ = 0;
  size_ = 0;
}

}  // namespace steady
