#include "outlet.hpp"

#include <algorithm>
#include <utility>

namespace steady::native {

namespace {

/// A larger string is not kept for another message.
constexpr std::size_t most_kept_bytes = std::size_t{64} << 10;
/// Nor are more in all.
constexpr std::size_t most_kept_in_all = std::size_t{4} << 20;
/// A larger ring is not kept when it is empty.
constexpr std::size_t most_kept_parcels = 1'024;

}  // namespace

bool Outlet::wakes() { return !std::exchange(is_watched_, true); }

Outlet::Put Outlet::put(const Payload& payload) {
  if (payload.is_external()) return {TransportSend::refused};
  const std::lock_guard lock(mutex_);
  if (is_shut_) return {TransportSend::not_open};
  if (count_ == ring_.size()) {
    std::rotate(ring_.begin(), ring_.begin() + static_cast<std::ptrdiff_t>(first_), ring_.end());
    first_ = 0;
    ring_.resize(std::max<std::size_t>(64, 2 * ring_.size()));
  }
  Parcel& parcel = ring_[(first_ + count_) % ring_.size()];
  parcel.kind = payload.kind();
  parcel.bytes = payload.data();
  ++count_;
  amount_ += payload.size();
  return {TransportSend::taken, wakes()};
}

bool Outlet::close(std::uint16_t code, std::string_view reason) {
  const std::lock_guard lock(mutex_);
  if (is_shut_) return false;
  is_shut_ = true;
  farewell_ = Farewell{code, std::string(reason)};
  return wakes();
}

std::size_t Outlet::amount() const {
  const std::lock_guard lock(mutex_);
  return amount_;
}

bool Outlet::take(Parcel& parcel) {
  const std::lock_guard lock(mutex_);
  if (count_ == 0) {
    is_watched_ = false;
    if (ring_.size() > most_kept_parcels) {
      std::vector<Parcel>().swap(ring_);
      first_ = 0;
    }
    return false;
  }
  Parcel& next = ring_[first_];
  if (parcel.bytes.capacity() > std::min(most_kept_bytes, most_kept_in_all / ring_.size())) {
    std::string().swap(parcel.bytes);
  }
  std::swap(parcel, next);
  first_ = (first_ + 1) % ring_.size();
  --count_;
  return true;
}

bool Outlet::is_leaving() const {
  const std::lock_guard lock(mutex_);
  return farewell_.has_value();
}

std::optional<Farewell> Outlet::take_farewell() {
  const std::lock_guard lock(mutex_);
  return std::exchange(farewell_, {});
}

void Outlet::written(std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  amount_ -= bytes;
}

void Outlet::shut() {
  const std::lock_guard lock(mutex_);
  is_shut_ = true;
}

}  // namespace steady::native
