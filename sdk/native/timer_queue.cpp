#include "timer_queue.hpp"

#include <algorithm>

namespace steady::native {

using std::chrono::milliseconds;

namespace {

template <class Node>
Node take_spare(std::vector<Node>& spare) {
  if (spare.empty()) return {};
  Node node = std::move(spare.back());
  spare.pop_back();
  return node;
}

}  // namespace

TimerId TimerQueue::start(milliseconds due, Callback callback) {
  do {
    ++last_;
  } while (last_ == 0 || due_of_.contains(last_));

  if (auto timer = take_spare(spare_timers_)) {
    timer.key() = {due, last_};
    timer.mapped() = std::move(callback);
    timers_.insert(std::move(timer));
  } else {
    timers_.emplace(Key{due, last_}, std::move(callback));
  }
  if (auto entry = take_spare(spare_dues_)) {
    entry.key() = last_;
    entry.mapped() = due;
    due_of_.insert(std::move(entry));
  } else {
    due_of_.emplace(last_, due);
  }
  return last_;
}

void TimerQueue::cancel(TimerId timer) {
  const auto found = due_of_.find(timer);
  if (found == due_of_.end()) return;
  // Destroyed last: destructors of captured objects may use the queue.
  const Callback gone = remove(timers_.find({found->second, timer}));
}

void TimerQueue::clear() {
  const Timers gone = std::exchange(timers_, {});
  due_of_.clear();
}

std::optional<milliseconds> TimerQueue::next_due() const {
  if (timers_.empty()) return {};
  return timers_.begin()->first.first;
}

std::size_t TimerQueue::due_by(milliseconds now) const {
  const auto later = std::find_if(timers_.begin(), timers_.end(),
                                  [now](const auto& timer) { return timer.first.first > now; });
  return static_cast<std::size_t>(std::distance(timers_.begin(), later));
}

TimerQueue::Callback TimerQueue::take_next() { return remove(timers_.begin()); }

TimerQueue::Callback TimerQueue::remove(Timers::iterator timer) {
  spare_dues_.push_back(due_of_.extract(timer->first.second));
  Timers::node_type node = timers_.extract(timer);
  Callback callback = std::exchange(node.mapped(), nullptr);
  spare_timers_.push_back(std::move(node));
  return callback;
}

}  // namespace steady::native
