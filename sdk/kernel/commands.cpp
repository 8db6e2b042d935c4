#include "commands.hpp"

#include <algorithm>

namespace steady::kernel {

namespace {

constexpr std::size_t first_capacity = 32;
/// A longer list is given back: a queue that was dropped is not the usual case.
constexpr std::size_t kept_capacity = 2'048;

}  // namespace

Command& Commands::add(CommandKind kind, std::uint32_t a, std::uint32_t b, std::uint32_t c) {
  if (size_ == capacity_) {
    capacity_ = std::max(first_capacity, 2 * capacity_);
    auto* const grown = static_cast<Command*>(::operator new(capacity_ * sizeof(Command)));
    std::copy(list_, list_ + size_, grown);
    ::operator delete(list_);
    list_ = grown;
  }
  Command& added = list_[size_++];
  added = {static_cast<double>(kind), static_cast<double>(a), static_cast<double>(b),
           static_cast<double>(c)};
  return added;
}

void Commands::clear() {
  size_ = 0;
  if (capacity_ <= kept_capacity) return;
  ::operator delete(list_);
  list_ = nullptr;
  capacity_ = 0;
}

}  // namespace steady::kernel
