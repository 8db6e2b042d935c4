#pragma once

#include <atomic>
#include <memory>

#include "dialer.hpp"
#include "engine.hpp"
#include "handler_memory.hpp"
#include "link.hpp"
#include "mailbox.hpp"
#include "outlet.hpp"

namespace steady::native {

/// One attempt, from the name to the end. Called by the user's thread; what it has is touched only
/// where the network is served.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Engine& engine, Opening opening, Call call, std::shared_ptr<Mailbox> mailbox,
             std::shared_ptr<Outlet> outlet);

  void start();
  /// There is something to send, or room to read.
  void wake();
  /// Gives up at once. The mailbox is told nothing more, soon.
  void abandon();

 private:
  void dialed(Tcp socket, const std::string& error);
  void fail(const std::string& error);
  void serve();
  /// Calls it where the network is served.
  template <class Function>
  void there(Function function);

  Engine& engine_;
  const std::shared_ptr<Mailbox> mailbox_;
  const std::shared_ptr<Outlet> outlet_;
  Opening opening_;
  std::shared_ptr<Dialer> dialer_;
  std::shared_ptr<Link> link_;
  bool is_abandoned_ = false;

  /// A call of serve() is on its way.
  std::atomic<bool> is_woken_ = false;
  HandlerMemory wake_memory_;
};

}  // namespace steady::native
