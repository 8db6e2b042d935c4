#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "steady/error.hpp"

namespace steady::native {

/// Where the network is served. Handlers are called by poll() in both.
enum class Threading : std::uint8_t {
  /// In poll(): no thread is started. What arrives waits in the operating system meanwhile, and the
  /// pings of a server are answered only as often as poll() is called.
  caller,
  /// In a thread of the runtime's own, which reads and writes and answers pings. What it reads
  /// waits for poll(), bounded: see NativeOptions::max_waiting_messages.
  io_thread,
};

/// Whether a server has to prove who it is.
enum class Verification : std::uint8_t {
  required,
  /// For tests: anybody on the way can read and change everything.
  dangerously_off,
};

/// How wss: connections are secured: TLS 1.2 or newer, the certificate checked against the roots
/// and against the name in the URL (RFC 6125), which is sent as well (SNI, RFC 6066 3).
struct TlsOptions {
  /// Roots to trust instead of the system's: a file of PEM certificates.
  std::string ca_file = {};
  /// The same: a folder as `openssl rehash` makes it.
  std::string ca_folder = {};
  /// Roots to trust besides, as PEM text.
  std::string extra_roots = {};
  /// A certificate of the client's, for servers that ask for one: files of PEM, the certificate
  /// with its chain, and its key, which has no password. Both or none.
  std::string certificate_file = {};
  /// The key of certificate_file.
  std::string key_file = {};
  /// Whether the server has to prove who it is.
  Verification verification = Verification::required;
};

/// permessage-deflate (RFC 7692), which a server may decline. It takes about 200 KiB a connection.
struct CompressionOptions {
  /// 0 none to 9 most.
  int level = 6;
  /// Smaller messages are sent as they are. Boost before 1.80 compresses every message.
  std::size_t min_bytes = 1'024;
  /// What was sent before helps to compress what follows. Without it both sides need less memory
  /// between messages.
  bool keeps_context = true;
};

/// A name and its addresses, as in /etc/hosts; large and small letters are the same.
struct HostAddresses {
  /// As it is in the URL.
  std::string name;
  /// Numeric, IPv4 or IPv6. At least one.
  std::vector<std::string> addresses;
};

/// Everything a NativeRuntime can be told.
struct NativeOptions {
  /// Who does the work of the network.
  Threading threading = Threading::caller;
  /// Of wss: connections.
  TlsOptions tls = {};
  /// An HTTP proxy that is asked to CONNECT (RFC 7231 4.3.6), for ws: and wss:; a user and a
  /// password in it go as Basic credentials: http://user:password@host:port. Empty is none. Without
  /// a value the environment decides, as with curl: http_proxy for ws:, https_proxy for wss:,
  /// all_proxy, no_proxy; in capitals as well, but not HTTP_PROXY, which a web server sets to
  /// whatever its client likes. This machine itself is never reached by a proxy of the
  /// environment's.
  std::optional<std::string> proxy = {};
  /// User-Agent, for servers and proxies; one among Options::headers takes its place for the
  /// server. "steadysocket/VERSION" if it is empty. No control characters.
  std::string user_agent = {};
  /// Off if there are none.
  std::optional<CompressionOptions> compression = {};
  /// A server that sends a larger message loses the connection (RFC 6455 7.4.1, 1009). More than 0.
  /// Options::max_message_bytes is for messages that are only to be left out.
  std::size_t max_message_bytes = std::size_t{256} << 20;
  /// Of a connection. When this many messages, or bytes, wait for poll(), no more is read from it
  /// until poll() was called: the server has to wait. It is also the most that one poll() tells.
  /// More than 0.
  std::size_t max_waiting_messages = 512;
  /// The same, in bytes. More than 0.
  std::size_t max_waiting_bytes = std::size_t{4} << 20;
  /// A connection from which nothing has come for half of this time is pinged (RFC 6455 5.5.2),
  /// and one from which nothing has come for all of it has ended. From 100 ms to a day. Off if
  /// there is none. It rests while nothing is read: see max_waiting_messages. With
  /// Threading::caller poll() has to be called more often than that. HeartbeatOptions also notices
  /// a server that answers pings and nothing else, and is the same on the web.
  std::optional<std::chrono::milliseconds> keep_alive = {};
  /// Known before the system is asked.
  std::vector<HostAddresses> hosts = {};
};

/// The first member found out of its range, or no error. Files are not looked at.
/// Errors: ErrorCode::invalid_option.
Error validate(const NativeOptions& options);

}  // namespace steady::native
