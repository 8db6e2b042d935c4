#pragma once

#include <openssl/ssl.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

/// Ends a script: the peer closed the connection, or the test is over.
struct PeerGone : std::runtime_error {
  PeerGone() : std::runtime_error("the peer closed the connection") {}
};

/// A frame (RFC 6455 5.2), unmasked.
struct Frame {
  int opcode = 0;
  bool fin = true;
  /// RSV1: compressed (RFC 7692 6).
  bool rsv1 = false;
  std::string payload = {};
};

namespace opcode {
inline constexpr int continuation = 0;
inline constexpr int text = 1;
inline constexpr int binary = 2;
inline constexpr int close = 8;
inline constexpr int ping = 9;
inline constexpr int pong = 10;
}  // namespace opcode

/// The server's side of one TCP connection. All calls block.
class Peer {
 public:
  explicit Peer(int socket) : socket_(socket) {}
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  ~Peer();

  /// Reads an HTTP header, including the empty line.
  std::string read_head();
  void write(std::string_view bytes);

  /// Completes the WebSocket handshake. `fields` are added to the response, each with its CRLF.
  /// `about` is called with the request before the response is sent.
  void upgrade(const std::string& fields = {},
               const std::function<void(const std::string& request)>& about = {});
  Frame read_frame();
  void write_frame(const Frame& frame);
  /// Sends a close frame. With code 0 its payload is empty.
  void write_close(int code, std::string_view reason = {});
  /// Reads until the client closes the connection.
  void wait_for_end();
  /// Returns false if the socket does not become writable within this time.
  bool can_write_within(int milliseconds);
  /// Closes the connection with RST.
  void reset();

  /// Performs the TLS handshake. Returns the client's SNI.
  std::string start_tls(SSL_CTX& context);
  /// Forwards both directions to a local port, as a proxy does, until one side closes.
  void tunnel_to(std::uint16_t port);

  /// Thread-safe. Ends the current blocking call.
  void interrupt();

 private:
  void read_exactly(char* to, std::size_t size);
  long read_some(char* to, std::size_t size);

  const int socket_;
  SSL* ssl_ = nullptr;
};

/// Listens on a port and runs a script for each connection, on a thread of its own.
class Server {
 public:
  using Script = std::function<void(Peer&)>;

  /// `address` is numeric. `port` 0 selects a free port.
  explicit Server(Script script, const std::string& address = "127.0.0.1", std::uint16_t port = 0);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  /// Closes the connections and waits for the scripts to return.
  ~Server();

  std::uint16_t port() const { return port_; }
  std::string url(const std::string& path = "/") const;
  /// Number of connections accepted so far.
  int connections() const { return connections_; }

 private:
  void run();

  const Script script_;
  const std::string address_;
  std::uint16_t port_ = 0;
  int listener_ = -1;
  std::atomic<int> connections_ = 0;
  std::mutex mutex_;
  bool is_over_ = false;
  std::vector<std::shared_ptr<Peer>> peers_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

/// A port on which connection attempts are neither accepted nor refused.
class SilentPort {
 public:
  explicit SilentPort(const std::string& address, std::uint16_t port);
  ~SilentPort();

 private:
  int listener_ = -1;
  std::vector<int> fillers_;
};

/// Completes the handshake, echoes every frame unchanged, including compressed ones, and answers
/// pings and close frames.
void echo(Peer& peer);
/// The same after the handshake.
void echo_frames(Peer& peer);
/// Returns the value of a header field, or an empty string.
std::string field_of(const std::string& head, const std::string& name);
