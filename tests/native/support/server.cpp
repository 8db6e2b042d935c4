#include "server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace {

union SocketAddress {
  sockaddr any;
  sockaddr_in v4;
  sockaddr_in6 v6;
};

socklen_t make_address(const std::string& address, std::uint16_t port, SocketAddress& made) {
  std::memset(&made, 0, sizeof made);
  if (inet_pton(AF_INET, address.c_str(), &made.v4.sin_addr) == 1) {
    made.v4.sin_family = AF_INET;
    made.v4.sin_port = htons(port);
    return sizeof made.v4;
  }
  if (inet_pton(AF_INET6, address.c_str(), &made.v6.sin6_addr) != 1) {
    throw std::runtime_error(address + " is not a numeric address");
  }
  made.v6.sin6_family = AF_INET6;
  made.v6.sin6_port = htons(port);
  return sizeof made.v6;
}

int listen_on(const std::string& address, std::uint16_t port, int backlog) {
  SocketAddress made;
  const socklen_t size = make_address(address, port, made);
  const int listener = socket(made.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener, &made.any, size) != 0 || listen(listener, backlog) != 0) {
    close(listener);
    throw std::runtime_error("cannot listen on " + address + ": " + std::strerror(errno));
  }
  return listener;
}

int connect_to(const std::string& address, std::uint16_t port, int flags) {
  SocketAddress made;
  const socklen_t size = make_address(address, port, made);
  const int connected = socket(made.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
  if (connect(connected, &made.any, size) != 0 && errno != EINPROGRESS) {
    close(connected);
    throw std::runtime_error("cannot connect");
  }
  return connected;
}

std::string accept_key(const std::string& key) {
  // RFC 6455 4.2.2.
  const std::string text = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha1(), nullptr);
  unsigned char encoded[64];
  const int length = EVP_EncodeBlock(encoded, digest, static_cast<int>(size));
  return {reinterpret_cast<char*>(encoded), static_cast<std::size_t>(length)};
}

std::uint64_t number_of(const std::string& bytes) {
  std::uint64_t number = 0;
  for (const char c : bytes) number = number << 8 | static_cast<unsigned char>(c);
  return number;
}

std::string bytes_of(std::uint64_t number, int count) {
  std::string bytes;
  for (int at = count - 1; at >= 0; --at) bytes += static_cast<char>(number >> (8 * at) & 255);
  return bytes;
}

}  // namespace

Peer::~Peer() {
  SSL_free(ssl_);
  close(socket_);
}

long Peer::read_some(char* to, std::size_t size) {
  if (ssl_ != nullptr)
    return SSL_read(ssl_, to, static_cast<int>(std::min<std::size_t>(size, 1 << 20)));
  return recv(socket_, to, size, 0);
}

void Peer::read_exactly(char* to, std::size_t size) {
  while (size > 0) {
    const long got = read_some(to, size);
    if (got <= 0) throw PeerGone();
    to += got;
    size -= static_cast<std::size_t>(got);
  }
}

void Peer::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const long put = ssl_ != nullptr ? SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()))
                                     : ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (put <= 0) throw PeerGone();
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
}

std::string Peer::read_head() {
  std::string head;
  while (!head.ends_with("\r\n\r\n")) {
    char c = 0;
    read_exactly(&c, 1);
    head += c;
  }
  return head;
}

void Peer::upgrade(const std::string& fields,
                   const std::function<void(const std::string& request)>& about) {
  const std::string request = read_head();
  if (about) about(request);
  write(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: " +
      accept_key(field_of(request, "Sec-WebSocket-Key")) + "\r\n" + fields + "\r\n");
}

Frame Peer::read_frame() {
  const auto take = [this](std::size_t size) {
    std::string bytes(size, '\0');
    read_exactly(bytes.data(), size);
    return bytes;
  };
  const std::string head = take(2);
  const auto first = static_cast<unsigned char>(head[0]);
  const auto second = static_cast<unsigned char>(head[1]);
  Frame frame{first & 15, (first & 0x80) != 0, (first & 0x40) != 0};
  // RFC 6455 5.1: a client must mask its frames.
  if ((second & 0x80) == 0) throw std::runtime_error("the client sent an unmasked frame");
  std::uint64_t size = second & 127;
  if (size == 126) {
    size = number_of(take(2));
  } else if (size == 127) {
    size = number_of(take(8));
  }
  const std::string mask = take(4);
  frame.payload = take(size);
  for (std::size_t at = 0; at < frame.payload.size(); ++at) {
    frame.payload[at] = static_cast<char>(frame.payload[at] ^ mask[at % 4]);
  }
  return frame;
}

void Peer::write_frame(const Frame& frame) {
  const std::size_t size = frame.payload.size();
  std::string bytes;
  bytes += static_cast<char>(frame.opcode | (frame.fin ? 0x80 : 0) | (frame.rsv1 ? 0x40 : 0));
  if (size < 126) {
    bytes += static_cast<char>(size);
  } else if (size < 65'536) {
    bytes += '\x7e' + bytes_of(size, 2);
  } else {
    bytes += '\x7f' + bytes_of(size, 8);
  }
  write(bytes + frame.payload);
}

void Peer::write_close(int code, std::string_view reason) {
  std::string payload;
  if (code != 0) payload = bytes_of(static_cast<std::uint64_t>(code), 2) + std::string(reason);
  write_frame({opcode::close, true, false, payload});
}

void Peer::wait_for_end() {
  char unused[4'096];
  while (read_some(unused, sizeof unused) > 0) {
  }
}

bool Peer::can_write_within(int milliseconds) {
  pollfd one{socket_, POLLOUT, 0};
  return poll(&one, 1, milliseconds) > 0;
}

void Peer::reset() {
  const linger at_once{1, 0};
  setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  throw PeerGone();
}

std::string Peer::start_tls(SSL_CTX& context) {
  ssl_ = SSL_new(&context);
  SSL_set_fd(ssl_, socket_);
  if (SSL_accept(ssl_) != 1) throw PeerGone();
  const char* const name = SSL_get_servername(ssl_, TLSEXT_NAMETYPE_host_name);
  return name == nullptr ? "" : name;
}

void Peer::tunnel_to(std::uint16_t port) {
  const int other = connect_to("127.0.0.1", port, 0);
  std::vector<char> bytes(65'536);
  const auto move = [&bytes](int from, int to) {
    const long got = recv(from, bytes.data(), bytes.size(), 0);
    return got > 0 && send(to, bytes.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL) == got;
  };
  pollfd both[] = {{socket_, POLLIN, 0}, {other, POLLIN, 0}};
  bool is_up = true;
  while (is_up && poll(both, 2, -1) > 0) {
    if (both[0].revents != 0) is_up = move(socket_, other);
    if (is_up && both[1].revents != 0) is_up = move(other, socket_);
  }
  close(other);
}

void Peer::interrupt() { shutdown(socket_, SHUT_RDWR); }

Server::Server(Script script, const std::string& address, std::uint16_t port)
    : script_(std::move(script)), address_(address), listener_(listen_on(address, port, 64)) {
  SocketAddress bound;
  socklen_t size = sizeof bound;
  getsockname(listener_, &bound.any, &size);
  port_ = ntohs(bound.any.sa_family == AF_INET ? bound.v4.sin_port : bound.v6.sin6_port);
  acceptor_ = std::thread([this] { run(); });
}

Server::~Server() {
  {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
    for (const auto& peer : peers_) peer->interrupt();
  }
  shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  close(listener_);
  for (std::thread& thread : threads_) thread.join();
}

std::string Server::url(const std::string& path) const {
  const bool is_v6 = address_.find(':') != std::string::npos;
  return "ws://" + (is_v6 ? "[" + address_ + "]" : address_) + ":" + std::to_string(port_) + path;
}

void Server::run() {
  // OpenSSL writes without MSG_NOSIGNAL, so SIGPIPE is blocked.
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
  while (true) {
    const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return;
    const auto peer = std::make_shared<Peer>(socket);
    const std::lock_guard lock(mutex_);
    if (is_over_) return;
    ++connections_;
    peers_.push_back(peer);
    threads_.emplace_back([this, peer] {
      try {
        script_(*peer);
      } catch (const PeerGone&) {
        // Normal end of a script.
      }
      const std::lock_guard gone(mutex_);
      std::erase(peers_, peer);
    });
  }
}

SilentPort::SilentPort(const std::string& address, std::uint16_t port)
    : listener_(listen_on(address, port, 0)) {
  // When the backlog is full, the kernel drops further SYNs.
  for (int i = 0; i < 4; ++i) fillers_.push_back(connect_to(address, port, SOCK_NONBLOCK));
}

SilentPort::~SilentPort() {
  for (const int filler : fillers_) close(filler);
  close(listener_);
}

void echo(Peer& peer) {
  peer.upgrade();
  echo_frames(peer);
}

void echo_frames(Peer& peer) {
  while (true) {
    Frame frame = peer.read_frame();
    if (frame.opcode == opcode::ping) frame.opcode = opcode::pong;
    peer.write_frame(frame);
    if (frame.opcode == opcode::close) return peer.wait_for_end();
  }
}

std::string field_of(const std::string& head, const std::string& name) {
  const auto at = head.find("\r\n" + name + ": ");
  if (at == std::string::npos) return {};
  const auto begin = at + name.size() + 4;
  return head.substr(begin, head.find("\r\n", begin) - begin);
}
