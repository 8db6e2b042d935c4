#include "send_buffer.hpp"

#include <algorithm>
#include <utility>

namespace steady::native {

namespace {

/// Strings with a larger capacity are freed instead of reused, in bytes.
constexpr std::size_t max_kept_bytes = std::size_t{64} << 10;
/// Limit for the capacity of all strings in the ring, in bytes.
constexpr std::size_t max_kept_total = std::size_t{4} << 20;
/// A ring with more slots is freed when it becomes empty.
constexpr std::size_t max_kept_frames = 1'024;

}  // namespace

bool SendBuffer::start_draining() { return !std::exchange(is_draining_, true); }

SendBuffer::Enqueued SendBuffer::enqueue(const Payload& payload) {
  if (payload.is_external()) return {TransportSend::refused};
  const std::lock_guard lock(mutex_);
  if (is_shut_) return {TransportSend::not_open};
  if (count_ == ring_.size()) {
    std::rotate(ring_.begin(), ring_.begin() + static_cast<std::ptrdiff_t>(first_), ring_.end());
    first_ = 0;
    ring_.resize(std::max<std::size_t>(64, 2 * ring_.size()));
  }
  OutgoingFrame& frame = ring_[(first_ + count_) % ring_.size()];
  frame.kind = payload.kind();
  frame.bytes = payload.data();
  ++count_;
  amount_ += payload.size();
  return {TransportSend::taken, start_draining()};
}

bool SendBuffer::close(std::uint16_t code, std::string_view reason) {
  const std::lock_guard lock(mutex_);
  if (is_shut_) return false;
  is_shut_ = true;
  close_frame_ = CloseFrame{code, std::string(reason)};
  return start_draining();
}

std::size_t SendBuffer::amount() const {
  const std::lock_guard lock(mutex_);
  return amount_;
}

bool SendBuffer::take(OutgoingFrame& frame) {
  const std::lock_guard lock(mutex_);
  if (count_ == 0) {
    is_draining_ = false;
    if (ring_.size() > max_kept_frames) {
      std::vector<OutgoingFrame>().swap(ring_);
      first_ = 0;
    }
    return false;
  }
  OutgoingFrame& next = ring_[first_];
  if (frame.bytes.capacity() > std::min(max_kept_bytes, max_kept_total / ring_.size())) {
    std::string().swap(frame.bytes);
  }
  std::swap(frame, next);
  first_ = (first_ + 1) % ring_.size();
  --count_;
  return true;
}

bool SendBuffer::has_close_frame() const {
  const std::lock_guard lock(mutex_);
  return close_frame_.has_value();
}

std::optional<CloseFrame> SendBuffer::take_close_frame() {
  const std::lock_guard lock(mutex_);
  return std::exchange(close_frame_, {});
}

void SendBuffer::written(std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  amount_ -= bytes;
}

void SendBuffer::shut() {
  const std::lock_guard lock(mutex_);
  is_shut_ = true;
}

}  // namespace steady::native
