#include "connection.hpp"

#include <boost/asio/post.hpp>
#include <exception>
#include <utility>

namespace steady::native {

Connection::Connection(Engine& engine, Opening opening, DialTarget target,
                       std::shared_ptr<EventQueue> events, std::shared_ptr<SendBuffer> send_buffer)
    : engine_(engine),
      events_(std::move(events)),
      send_buffer_(std::move(send_buffer)),
      opening_(std::move(opening)),
      dialer_(std::make_shared<Dialer>(engine.context(), std::move(target), opening_.steps)) {}

template <class Function>
void Connection::run_on_network_thread(Function function) {
  if (engine_.has_thread()) {
    asio::post(engine_.context(), std::move(function));
  } else {
    function();
  }
}

void Connection::start() {
  run_on_network_thread([self = shared_from_this()] {
    if (self->is_abandoned_) return;
    self->dialer_->start(self->engine_.resolver(),
                         [weak = self->weak_from_this()](Tcp socket, const std::string& error) {
                           if (const auto connection = weak.lock())
                             connection->dialed(std::move(socket), error);
                         });
  });
}

void Connection::dialed(Tcp socket, const std::string& error) {
  if (is_abandoned_) return;
  if (!error.empty()) return fail(error);
  try {
    link_ = make_link(std::move(socket), std::move(opening_), events_, send_buffer_);
    link_->start();
  } catch (const std::exception& thrown) {
    if (link_) link_->abandon();
    is_abandoned_ = true;
    fail(std::string("the connection cannot be opened: ") + thrown.what());
  }
}

void Connection::fail(const std::string& error) {
  send_buffer_->shut();
  events_->end({{ErrorCode::connection_failed, error}, {.reason = error}});
}

void Connection::wake() {
  if (!engine_.has_thread()) return serve();
  if (is_woken_.exchange(true)) return;
  asio::post(engine_.context(), AllocatorBinder(wake_memory_, [self = shared_from_this()] {
               self->is_woken_ = false;
               self->serve();
             }));
}

void Connection::serve() {
  if (is_abandoned_) return;
  if (link_) return link_->wake();
  if (!send_buffer_->has_close_frame()) return;
  is_abandoned_ = true;
  dialer_->cancel();
  events_->end({{}, {.reason = "closed before the connection was open"}});
}

void Connection::abandon() {
  run_on_network_thread([self = shared_from_this()] {
    self->is_abandoned_ = true;
    self->dialer_->cancel();
    if (self->link_) self->link_->abandon();
  });
}

}  // namespace steady::native
