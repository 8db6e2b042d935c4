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

/// The other side has gone, or the test is over: ends a script.
struct PeerGone : std::runtime_error {
  PeerGone() : std::runtime_error("the other side has gone") {}
};

/// A frame of RFC 6455 5.2, without its mask.
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

/// The server's end of one TCP connection. Every call blocks.
class Peer {
 public:
  explicit Peer(int socket) : socket_(socket) {}
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  ~Peer();

  /// Up to and with the empty line.
  std::string read_head();
  void write(std::string_view bytes);

  /// Completes the WebSocket handshake; `fields` are added, each with its line end. `about` is
  /// called with the request before it is answered.
  void upgrade(const std::string& fields = {},
               const std::function<void(const std::string& request)>& about = {});
  Frame read_frame();
  void write_frame(const Frame& frame);
  /// A close frame with a code, or, with 0, without.
  void write_close(int code, std::string_view reason = {});
  /// Reads until the other side has ended the connection.
  void wait_for_end();
  /// False if the other side has taken nothing for so many milliseconds.
  bool can_write_within(int milliseconds);
  /// Ends the connection with RST.
  void reset();

  /// Continues with TLS. The name that was asked for (SNI).
  std::string start_tls(SSL_CTX& context);
  /// From now on all goes to, and comes from, a port of this machine: what a proxy does.
  void tunnel_to(std::uint16_t port);

  /// From another thread: whatever blocks ends.
  void interrupt();

 private:
  void read_exactly(char* to, std::size_t size);
  long read_some(char* to, std::size_t size);

  const int socket_;
  SSL* ssl_ = nullptr;
};

/// Listens on a free port, and runs a script for each connection, in a thread.
class Server {
 public:
  using Script = std::function<void(Peer&)>;

  /// `address`: numeric. `port` 0 is a free one.
  explicit Server(Script script, const std::string& address = "127.0.0.1", std::uint16_t port = 0);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  /// Ends the connections and waits for the scripts.
  ~Server();

  std::uint16_t port() const { return port_; }
  std::string url(const std::string& path = "/") const;
  /// Connections so far.
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

/// A port on which nobody answers: the connection is neither taken nor refused.
class SilentPort {
 public:
  explicit SilentPort(const std::string& address, std::uint16_t port);
  ~SilentPort();

 private:
  int listener_ = -1;
  std::vector<int> fillers_;
};

/// Takes the handshake and sends back every message as it came, compressed ones too; answers pings
/// and close frames.
void echo(Peer& peer);
/// The same after the handshake.
void echo_frames(Peer& peer);
/// The value of a field of a head; empty without.
std::string field_of(const std::string& head, const std::string& name);
