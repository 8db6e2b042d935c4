#pragma once

#include <cstddef>
#include <utility>

#include "handler_list.hpp"
#include "steady/socket.hpp"

namespace steady::detail {

/// Handlers of a Socket's events.
class Handlers final : public SocketListener {
 public:
  Subscription on_open(Socket::OpenHandler handler) { return open_.add_any(handler.release()); }
  Subscription on_close(Socket::CloseHandler handler) { return close_.add(std::move(handler)); }
  Subscription on_error(Socket::ErrorHandler handler) { return error_.add(std::move(handler)); }
  Subscription on_state_change(Socket::StateHandler handler) {
    return state_change_.add(std::move(handler));
  }
  Subscription on_drop(Socket::DropHandler handler) { return drop_.add(std::move(handler)); }
  Subscription on_outcome(Socket::OutcomeHandler handler) {
    return outcome_.add(std::move(handler));
  }
  Subscription on_session(Socket::SessionHandler handler) {
    return session_.add(std::move(handler));
  }

  void on_open() override { open_.dispatch(nullptr); }
  void on_close(const CloseInfo& info) override { close_.dispatch(info); }
  void on_error(const Error& error) override { error_.dispatch(error); }
  void on_state_change(const StateChange& change) override { state_change_.dispatch(change); }
  void on_drop(const Drop& drop) override { drop_.dispatch(drop); }
  void on_outcome(const Outcome& outcome) override { outcome_.dispatch(outcome); }
  void on_session(const SessionChange& change) override { session_.dispatch(change); }

  /// May be called while an event is being dispatched.
  void clear() {
    open_.clear();
    close_.clear();
    error_.clear();
    state_change_.clear();
    drop_.clear();
    outcome_.clear();
    session_.clear();
  }

  /// True if there is a handler of drops.
  bool has_drop_handler() const { return !drop_.empty(); }

 private:
  HandlerList<std::nullptr_t> open_;
  HandlerList<CloseInfo> close_;
  HandlerList<Error> error_;
  HandlerList<StateChange> state_change_;
  HandlerList<Drop> drop_;
  HandlerList<Outcome> outcome_;
  HandlerList<SessionChange> session_;
};

}  // namespace steady::detail
