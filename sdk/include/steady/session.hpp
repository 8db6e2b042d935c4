#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

#include "steady/session_state.hpp"

namespace steady {

/// A change of a session.
struct SessionChange {
  /// The session on the current connection, or without one.
  SessionState state = SessionState::new_;
  /// In SessionState::ended, the reason that the server gave: at most 253 bytes. Empty if it gave
  /// none, and in other states.
  std::string reason = {};
};

/// Options of a session, in which every message is delivered exactly once and in order over any
/// number of connections. Requires a server that supports the protocol in
/// docs/design/session-protocol.md.
struct SessionOptions {
  /// Fails the attempt with ErrorCode::session_unsupported if the server does not support sessions.
  /// Otherwise the connection is used without one. Default: false.
  bool required = false;
  /// Messages that may be sent and not acknowledged; more wait in the queue. 1 to 1000. Default:
  /// 1000.
  std::size_t window = 1'000;
  /// Longest time without a connection after which the session is given up. More than 0. Default:
  /// no limit, the server decides.
  std::optional<std::chrono::milliseconds> ttl = {};
};

}  // namespace steady
