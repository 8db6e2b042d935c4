#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../kernel/message.hpp"
#include "steady/payload.hpp"

namespace steady::detail {

/// Payloads and keys of messages, which the kernel knows by number.
class PayloadTable {
 public:
  using Handle = std::uint32_t;

  /// Adds a payload and returns its handle, which is valid until release().
  Handle add(Payload&& payload) {
    if (free_.empty()) {
      slots_.push_back({std::move(payload), 0});
      return static_cast<Handle>(slots_.size() - 1) + kernel::first_free_handle;
    }
    const Handle handle = free_.back();
    free_.pop_back();
    slot(handle) = {std::move(payload), 0, true};
    return handle;
  }

  /// Returns the number of a message's key; 0 for "".
  std::uint32_t add_key(Handle handle, std::string_view key) {
    if (key.empty()) return 0;
    std::size_t number = 0;
    std::size_t unused = keys_.size();
    for (; number < keys_.size() && keys_[number].text != key; ++number) {
      if (keys_[number].uses == 0) unused = number;
    }
    if (number == keys_.size()) {
      number = unused;
      if (number == keys_.size()) keys_.emplace_back();
      keys_[number].text = key;
    }
    ++keys_[number].uses;
    return slot(handle).key = static_cast<std::uint32_t>(number) + 1;
  }

  bool has(Handle handle) const {
    const std::size_t index = handle - kernel::first_free_handle;
    return index < slots_.size() && slots_[index].is_used;
  }
  Payload& at(Handle handle) { return slot(handle).payload; }

  /// Destroys the payload and releases its key.
  void release(Handle handle) {
    Slot& one = slot(handle);
    if (one.key != 0) --keys_[one.key - 1].uses;
    one = {{}, 0, false};
    free_.push_back(handle);
  }

  void clear() {
    slots_.clear();
    free_.clear();
    keys_.clear();
  }

 private:
  struct Slot {
    Payload payload;
    std::uint32_t key = 0;
    bool is_used = true;
  };
  struct Key {
    std::string text;
    std::size_t uses = 0;
  };

  Slot& slot(Handle handle) { return slots_[handle - kernel::first_free_handle]; }

  std::vector<Slot> slots_;
  std::vector<Handle> free_;
  /// Keys of messages in the table, and unused slots.
  std::vector<Key> keys_;
};

}  // namespace steady::detail
