#include <cstdlib>

#include "steady/transport.hpp"

namespace steady {

InboundBuffer::~InboundBuffer() { std::free(data_); }

bool InboundBuffer::reserve(std::size_t capacity) {
  if (capacity <= capacity_) return true;
  void* grown = std::realloc(data_, capacity);
  if (grown == nullptr) return false;
  data_ = static_cast<char*>(grown);
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
