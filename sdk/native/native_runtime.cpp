#include "steady/native/native_runtime.hpp"

#include <algorithm>
#include <exception>
#include <map>
#include <random>
#include <utility>
#include <vector>

#include "clock.hpp"
#include "engine.hpp"
#include "native_transport.hpp"
#include "sleep_detector.hpp"
#include "task_queue.hpp"
#include "timer_queue.hpp"

namespace steady {

std::unique_ptr<Runtime> make_default_runtime() {
  return std::make_unique<native::NativeRuntime>();
}

namespace native {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

namespace {

/// Maximum duration of one wait. Waits do not count the machine's sleep, so the clock is read again
/// after this time.
constexpr std::chrono::seconds max_wait{1};
/// Maximum delay and timeout. A later time might not fit in nanoseconds.
constexpr std::chrono::hours max_time{24 * 365 * 100};

/// Clamps to the range from 0 to max_time.
milliseconds bounded(milliseconds time) {
  return std::clamp<milliseconds>(time, milliseconds::zero(), max_time);
}

std::mt19937_64 seeded() {
  std::random_device device;
  std::seed_seq seed{device(), device(), device(), device()};
  return std::mt19937_64(seed);
}

/// An exception terminates the program: unwinding would leave is_polling_ set, and the runtime
/// would never poll again.
void call(const std::function<void()>& callback) noexcept { callback(); }

}  // namespace

/// State of the user thread. poll() keeps it alive, since a callback may destroy the Runtime.
class NativeRuntime::Impl : public std::enable_shared_from_this<Impl> {
 public:
  explicit Impl(NativeOptions&& options)
      : failure_(validate(options)),
        options_(std::make_shared<const NativeOptions>(std::move(options))) {
    try {
      engine_ = std::make_shared<Engine>(*options_);
    } catch (const std::exception& error) {
      failure_ = {ErrorCode::not_supported, error.what()};
    }
  }

  /// Called by ~NativeRuntime. No callback runs after this.
  void shut_down() {
    is_gone_ = true;
    if (engine_) engine_->stop();
    timers_.clear();
    // Callbacks may own objects whose destructors use this runtime, so the containers are emptied
    // before the callbacks are destroyed.
    tasks_->close();
    const auto watches = std::exchange(watches_, {});
  }

  static milliseconds now() { return std::chrono::duration_cast<milliseconds>(machine_time()); }

  TimerId start_timer(milliseconds delay, std::function<void()>&& callback) {
    return timers_.start(now() + bounded(delay), std::move(callback));
  }
  void cancel_timer(TimerId timer) { timers_.cancel(timer); }
  const std::shared_ptr<TaskQueue>& tasks() const { return tasks_; }

  double random() { return static_cast<double>(random_() >> 11) * 0x1.0p-53; }

  WatchId watch(std::function<void(Hint)>&& callback) {
    watches_.emplace(++last_watch_, std::move(callback));
    return last_watch_;
  }
  void unwatch(WatchId watch) { watches_.erase(watch); }

  std::unique_ptr<Transport> make_transport() {
    return std::make_unique<NativeTransport>(engine_, options_, failure_);
  }

  /// Returns the number of callbacks that ran.
  std::size_t poll() {
    if (is_polling_) return 0;
    const auto self = shared_from_this();
    is_polling_ = true;
    // Events before timers: a timeout must not fire when its message has arrived already.
    if (engine_) engine_->serve();
    std::size_t calls = engine_ ? dispatch_events() : 0;
    calls += notice_sleep();
    calls += run_timers();
    calls += run_posted();
    is_polling_ = false;
    return calls;
  }

  bool run_for(milliseconds timeout) {
    if (is_polling_) return false;
    const auto self = shared_from_this();
    const nanoseconds end = machine_time() + bounded(timeout);
    bool is_woken = false;
    while (true) {
      if (poll() > 0) return true;
      const nanoseconds left = end - machine_time();
      if (is_gone_ || is_woken || left <= nanoseconds::zero()) return false;
      is_woken = wait(left);
    }
  }

 private:
  std::size_t dispatch_events() {
    {
      const std::lock_guard lock(engine_->wakeup()->mutex);
      std::swap(ready_, engine_->wakeup()->pending);
    }
    std::size_t calls = 0;
    for (const auto& events : ready_) {
      if (is_gone_) break;
      events->take(taken_);
      calls += NativeTransport::dispatch(*events, taken_, is_gone_);
    }
    ready_.clear();
    return calls;
  }

  std::size_t notice_sleep() {
    if (!sleep_.look(machine_time(), awake_time())) return 0;
    std::size_t calls = 0;
    // A copy, since a callback may call watch() and unwatch().
    const auto watches = watches_;
    for (const auto& [id, callback] : watches) {
      if (!watches_.contains(id)) continue;
      ++calls;
      callback(Hint::wake);
    }
    return calls;
  }

  std::size_t run_timers() {
    std::size_t calls = 0;
    // Timers started by these callbacks run in the next poll().
    const milliseconds by = now();
    for (std::size_t left = timers_.due_by(by); left > 0; --left) {
      const auto due = timers_.next_due();
      if (!due || *due > by) break;
      ++calls;
      call(timers_.take_next());
    }
    return calls;
  }

  std::size_t run_posted() {
    tasks_->take(running_);
    std::size_t calls = 0;
    for (const auto& callback : running_) {
      if (is_gone_) break;
      ++calls;
      call(callback);
    }
    running_.clear();
    return calls;
  }

  /// Returns true after wake().
  bool wait(nanoseconds timeout) {
    timeout = std::min<nanoseconds>(timeout, max_wait);
    if (const auto due = timers_.next_due()) {
      timeout =
          std::min(timeout, std::max(nanoseconds::zero(), nanoseconds(*due - machine_time())));
    }
    return tasks_->wait(engine_.get(), timeout);
  }

  Error failure_;
  const std::shared_ptr<const NativeOptions> options_;
  /// Null if it could not be created.
  std::shared_ptr<Engine> engine_;
  TimerQueue timers_;
  const std::shared_ptr<TaskQueue> tasks_ = std::make_shared<TaskQueue>();
  std::vector<TaskQueue::Task> running_;
  WatchId last_watch_ = 0;
  std::map<WatchId, std::function<void(Hint)>> watches_;
  SleepDetector sleep_;
  std::mt19937_64 random_ = seeded();
  bool is_polling_ = false;
  bool is_gone_ = false;

  // Members, so that their memory is reused.
  std::vector<std::shared_ptr<EventQueue>> ready_;
  EventQueue::Taken taken_;
};

NativeRuntime::NativeRuntime(NativeOptions options)
    : impl_(std::make_shared<Impl>(std::move(options))) {}

NativeRuntime::~NativeRuntime() { impl_->shut_down(); }

milliseconds NativeRuntime::now() const { return Impl::now(); }

TimerId NativeRuntime::start_timer(milliseconds delay, std::function<void()> callback) {
  return impl_->start_timer(delay, std::move(callback));
}

void NativeRuntime::cancel_timer(TimerId timer) { impl_->cancel_timer(timer); }

void NativeRuntime::post(std::function<void()> callback) {
  impl_->tasks()->post(std::move(callback));
}

double NativeRuntime::random() { return impl_->random(); }

void NativeRuntime::random_bytes(std::span<std::byte> bytes) {
  // On all platforms the source of the operating system.
  std::random_device device;
  std::generate(bytes.begin(), bytes.end(), [&] { return static_cast<std::byte>(device()); });
}

WatchId NativeRuntime::watch(std::function<void(Hint)> callback) {
  return impl_->watch(std::move(callback));
}

void NativeRuntime::unwatch(WatchId watch) { impl_->unwatch(watch); }

std::unique_ptr<Transport> NativeRuntime::make_transport() { return impl_->make_transport(); }

void NativeRuntime::poll() { impl_->poll(); }

bool NativeRuntime::run_for(milliseconds timeout) { return impl_->run_for(timeout); }

void NativeRuntime::wake() { impl_->tasks()->wake(); }

RuntimeHandle NativeRuntime::handle() const { return RuntimeHandle(impl_->tasks()); }

RuntimeHandle::RuntimeHandle(std::shared_ptr<TaskQueue> tasks) : tasks_(std::move(tasks)) {}

bool RuntimeHandle::post(std::function<void()> task) const { return tasks_->post(std::move(task)); }

bool RuntimeHandle::wake() const { return tasks_->wake(); }

}  // namespace native
}  // namespace steady
