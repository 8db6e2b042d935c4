#pragma once

#include <cstdint>
#include <optional>

#include "context.hpp"
#include "heartbeat.hpp"

namespace steady::kernel {

/// Progress of a connection in a session (docs/design/session-protocol.md).
enum class Membership : std::uint8_t {
  none,       ///< It has no session, or none any more.
  agreed,     ///< The subprotocol was selected.
  invited,    ///< The server's greeting has arrived.
  announced,  ///< The hello was sent.
  member,     ///< The welcome has arrived.
};

/// One attempt, and the connection that it becomes. Its destructor abandons the transport and stops
/// the timers; inputs that name it have no effect any more.
class Connection {
 public:
  /// `attempt` counts the attempts of a socket, from 1.
  Connection(Context& context, std::uint32_t attempt) : context_(context), attempt_(attempt) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  std::uint32_t attempt() const { return attempt_; }

  /// Makes the transport.
  void dial();
  /// The shell could not make it.
  void dial_failed() { has_transport_ = false; }
  /// The transport is connected. `takes_grants`: see steady::Transport::takes_grants.
  void opened(bool takes_grants);
  /// Messages of the user may be sent.
  void ready();
  bool takes_grants() const { return takes_grants_; }

  /// The server has acknowledged messages since the last look.
  bool has_progress = false;

  Membership membership = Membership::none;
  /// It is, or will be, a part of a session.
  bool has_session() const { return membership != Membership::none; }
  /// The session has ended. Nothing more is sent.
  void leave_session();
  /// Only one message answers a ping.
  bool has_named_reply() const { return context_.settings.ping_has_reply != 0 || has_session(); }

  /// Another attempt would fail as well.
  bool is_not_retryable = false;
  /// Messages have arrived since the last look.
  bool has_heard = false;
  /// Time at which the program resumed with this connection.
  double woke_at = -never;

  /// Was up for long enough to count attempts from zero again.
  bool is_stable(double now) const {
    return now - ready_at_ >= context_.settings.reconnect_stable_after;
  }

  /// A ping is out.
  bool awaits_pong() const { return heartbeat_ && heartbeat_->awaits_answer(); }
  /// Checks whether the connection is alive. True if a ping must be sent; `dead` is the reason if
  /// it is dead, or TextId::none.
  bool look(Flow flow, TextId& dead);
  /// True if a ping must be sent now.
  bool probe();
  /// The answer to the ping that is out has arrived. Returns the time that it took.
  double pong();

  /// Commands the grant, unless it is the present one. `is_new`: the credit is.
  void grant(std::uint32_t bits, double credit, bool is_new);
  /// GrantBit bits.
  std::uint32_t granted() const { return granted_; }
  double credit() const { return credit_; }

 private:
  void begin_heartbeat();
  void look_later();

  Context& context_;
  const std::uint32_t attempt_;
  /// Time at which the connection became ready.
  double ready_at_ = never;
  bool has_transport_ = false;
  bool takes_grants_ = false;
  std::optional<Heartbeat> heartbeat_;
  std::uint32_t granted_ = 0;
  double credit_ = 0;
};

}  // namespace steady::kernel
