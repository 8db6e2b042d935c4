#pragma once

#include <cstddef>
#include <cstdint>
#include <steady/socket.hpp>
#include <string>

#include "client.hpp"

namespace game {

/// A player in a desktop program: the client with a socket of its own and a random key. Prints
/// lines of JSON on the standard output: one whenever something has changed, and a last one.
class Player {
 public:
  /// `url` of the WebSocket.
  Player(const std::string& url, const std::string& name);

  /// Computes a frame. Returns false once the socket has closed for good.
  bool frame();
  /// Closes the connection, waits for that for at most 2 s, and prints the last line.
  void end();
  /// The reason of the close, if it was not closed by end().
  std::string reason() const { return farewell_.empty() ? socket_.error().message : farewell_; }

  /// Steers to the nearest dot: see towards_dots.
  void steer_to_dots(float strength);

  Client& client() { return client_; }
  const steady::Socket& socket() const { return socket_; }

 private:
  /// The content of a line; a change makes the next one due.
  struct Report {
    const char* state = "";
    std::uint32_t connections = 0;
    std::size_t players = 0;
    std::uint32_t score = 0;
    std::uint32_t round = 0;
    bool is_over = false;

    bool operator==(const Report&) const = default;
  };

  Report report();
  void print(const Report& report);

  steady::Socket socket_;
  Client client_;
  Report printed_;
  /// The server's reason for the end of the last connection.
  std::string farewell_;
};

/// SIGINT or SIGTERM has arrived. The first call of catch_signals() makes them no longer end the
/// program.
void catch_signals();
bool is_stop_requested();

}  // namespace game
