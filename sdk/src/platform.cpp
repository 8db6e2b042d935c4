#include "platform.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace steady::detail {

using std::chrono::milliseconds;

namespace {

/// True if the input may end an attempt or a connection.
bool needs_random(kernel::InputKind kind) {
  using kernel::InputKind;
  return kind == InputKind::closed || kind == InputKind::timer || kind == InputKind::hint ||
         kind == InputKind::decided || kind == InputKind::inbound_full;
}

}  // namespace

kernel::Moment Platform::moment(kernel::InputKind kind) {
  kernel::Moment moment{.now = now(),
                        .random = needs_random(kind) ? runtime_.random() : 0,
                        .buffered = 0,
                        .has_heard = false};
  if (transport_) {
    moment.buffered = static_cast<double>(transport_->buffered_amount());
    moment.has_heard = transport_->take_heard();
  }
  return moment;
}

void Platform::arm(double deadline) {
  if (deadline == deadline_) return;
  deadline_ = deadline;
  runtime_.cancel_timer(std::exchange(timer_, 0));
  if (deadline < 0) return;
  const double delay = std::max(0.0, deadline - now());
  timer_ = runtime_.start_timer(milliseconds(static_cast<std::int64_t>(delay)), [this] {
    timer_ = 0;
    deadline_ = -1;
    listener_.on_timer();
  });
}

void Platform::watch(bool does) {
  if (does) {
    watch_ = runtime_.watch([this](Hint hint) { listener_.on_hint(hint); });
  } else {
    runtime_.unwatch(std::exchange(watch_, 0));
  }
}

Error Platform::dial(const ConnectRequest& request) {
  transport_ = runtime_.make_transport();
  if (log_ != nullptr) transport_ = log_->wrap(std::move(transport_));
  Error error = transport_->open(request, listener_);
  if (error) transport_.reset();
  return error;
}

void Platform::shut_down() {
  transport_.reset();
  arm(-1);
  watch(false);
}

}  // namespace steady::detail
