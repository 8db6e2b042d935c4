#include "steady/testing/manual_runtime.hpp"

#include <algorithm>
#include <utility>

namespace steady::testing {

using std::chrono::milliseconds;

ManualRuntime::ManualRuntime(std::uint64_t seed) : random_state_(seed) {}
ManualRuntime::~ManualRuntime() = default;

TimerId ManualRuntime::start_timer(milliseconds delay, std::function<void()> callback) {
  timers_.emplace(now_ + std::max(delay, milliseconds::zero()),
                  Timer{++last_timer_, std::move(callback)});
  return last_timer_;
}

void ManualRuntime::cancel_timer(TimerId timer) {
  const auto found = std::find_if(timers_.begin(), timers_.end(),
                                  [timer](const auto& entry) { return entry.second.id == timer; });
  if (found != timers_.end()) timers_.erase(found);
}

void ManualRuntime::post(std::function<void()> callback) { posted_.push_back(std::move(callback)); }

double ManualRuntime::random() { return fixed_random_ >= 0 ? fixed_random_ : draw(); }

double ManualRuntime::draw() {
  // SplitMix64 (Steele, Lea, Flood 2014): the same numbers on every platform, unlike the
  // distributions of <random>.
  std::uint64_t z = (random_state_ += 0x9E3779B97F4A7C15ULL);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  z ^= z >> 31;
  return static_cast<double>(z >> 11) * 0x1.0p-53;
}

void ManualRuntime::random_bytes(std::span<std::byte> bytes) {
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(draw() * 256);
}

WatchId ManualRuntime::watch(std::function<void(Hint)> callback) {
  watches_.emplace(++last_watch_, std::move(callback));
  return last_watch_;
}

void ManualRuntime::notice(Hint hint) {
  // A callback may end its own watch or others.
  const auto watches = watches_;
  for (const auto& [id, callback] : watches) {
    if (watches_.contains(id)) callback(hint);
  }
}

std::unique_ptr<Transport> ManualRuntime::make_transport() {
  transports_.push_back(std::make_shared<FakeConnection>(std::exchange(next_open_error_, {})));
  return std::make_unique<FakeTransport>(transports_.back());
}

void ManualRuntime::run_posted_once() {
  const auto callbacks = std::exchange(posted_, {});
  for (const auto& callback : callbacks) callback();
}

void ManualRuntime::run_posted() {
  while (!posted_.empty()) run_posted_once();
}

void ManualRuntime::advance(milliseconds duration) {
  const milliseconds end = now_ + duration;
  run_posted();
  while (!timers_.empty() && timers_.begin()->first <= end) advance_to_next_timer();
  now_ = end;
}

bool ManualRuntime::advance_to_next_timer() {
  run_posted();
  if (timers_.empty()) return false;
  const auto next = timers_.begin();
  now_ = std::max(now_, next->first);
  const auto callback = std::move(next->second.callback);
  timers_.erase(next);
  callback();
  run_posted();
  return true;
}

}  // namespace steady::testing
