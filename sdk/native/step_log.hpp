#pragma once

#include <memory>
#include <string>
#include <utility>

#include "event_queue.hpp"

namespace steady::native {

/// Reports the steps of one attempt and its connection: see TransportListener::on_step. Used on the
/// network thread. Converts to false if steps are not reported; then no text must be built.
///
/// A step contains no credentials, no query of a URL and no values of header fields.
class StepLog {
 public:
  StepLog() = default;
  explicit StepLog(std::shared_ptr<EventQueue> events) : events_(std::move(events)) {}

  explicit operator bool() const { return events_ != nullptr; }
  /// Call only if it converts to true. `text` may have any bytes, also from the server.
  void operator()(const std::string& text) const { events_->step(printable(text)); }

 private:
  /// Replaces bytes that are not printable ASCII and cuts the text.
  static std::string printable(const std::string& text);

  std::shared_ptr<EventQueue> events_;
};

}  // namespace steady::native
