#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "../kernel/inputs.hpp"
#include "../kernel/kernel.hpp"
#include "socket_log.hpp"
#include "steady/runtime.hpp"
#include "steady/transport.hpp"

namespace steady::detail {

/// Listener of the platform's event loop.
class PlatformListener : public TransportListener {
 public:
  virtual void on_timer() = 0;
  virtual void on_hint(Hint hint) = 0;
};

/// Carries out a kernel's commands on the Runtime and the Transport. Has at most one timer, one
/// watch and one connection.
class Platform {
 public:
  /// Both must outlive it.
  Platform(Runtime& runtime, PlatformListener& listener) : runtime_(runtime), listener_(listener) {}
  Platform(const Platform&) = delete;
  Platform& operator=(const Platform&) = delete;

  /// Makes `log` wrap each transport. It must outlive the connections.
  void set_log(SocketLog& log) { log_ = &log; }
  Runtime& runtime() { return runtime_; }
  double now() const { return static_cast<double>(runtime_.now().count()); }
  /// Returns the Moment for an input of this kind.
  kernel::Moment moment(kernel::InputKind kind);

  /// Sets the timer to `deadline`, in milliseconds; a negative value cancels it.
  void arm(double deadline);
  void watch(bool does);

  /// Creates a transport and opens it.
  Error dial(const ConnectRequest& request);
  /// Null without an attempt or a connection.
  Transport* transport() { return transport_.get(); }
  const Transport* transport() const { return transport_.get(); }
  void abandon() { transport_.reset(); }
  std::size_t buffered_amount() const { return transport_ ? transport_->buffered_amount() : 0; }

  /// Aborts the connection, and ends the timer and the watch.
  void shut_down();

 private:
  Runtime& runtime_;
  PlatformListener& listener_;
  std::unique_ptr<Transport> transport_;
  SocketLog* log_ = nullptr;
  TimerId timer_ = 0;
  double deadline_ = -1;
  WatchId watch_ = 0;
};

}  // namespace steady::detail
