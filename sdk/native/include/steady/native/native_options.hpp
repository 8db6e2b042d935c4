#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "steady/error.hpp"

namespace steady::native {

/// Selects the thread that does network I/O. Handlers run inside poll() and run_for() either way.
enum class Threading : std::uint8_t {
  /// The user's thread, inside poll() and run_for(). No thread is started. Between the calls,
  /// incoming data stays in the operating system's buffers, and pings from the server are answered
  /// only as often as poll() is called.
  caller,
  /// A thread owned by the runtime, which reads, writes and answers pings. Received messages wait
  /// for poll() in a bounded queue: see NativeOptions::max_waiting_messages.
  io_thread,
};

/// Verification of the server's certificate.
enum class Verification : std::uint8_t {
  required,
  /// For tests only: anyone on the network path can read and modify the traffic.
  dangerously_off,
};

/// A version of TLS.
enum class TlsVersion : std::uint8_t {
  /// RFC 5246.
  tls_1_2,
  /// RFC 8446.
  tls_1_3,
};

/// TLS settings for wss: connections. The server's certificate is
/// verified against the trusted roots and against the host of the URL (RFC 6125); a host name is
/// also sent to the server (SNI, RFC 6066 3).
struct TlsOptions {
  /// Path of a file of PEM certificates that are trusted instead of the system's roots.
  std::string ca_file = {};
  /// Path of a directory of certificates, as created by `openssl rehash`, that are trusted instead
  /// of the system's roots.
  std::string ca_folder = {};
  /// PEM certificates (the text, not a path) that are trusted in addition to the other roots.
  std::string extra_roots = {};
  /// Path of a PEM file with the client's certificate and its chain, for servers that request one.
  /// Set together with key_file, or leave both empty.
  std::string certificate_file = {};
  /// Path of a PEM file with the private key of certificate_file. The key must not be encrypted
  /// with a password.
  std::string key_file = {};
  /// Turns off the verification of the server's certificate in tests.
  Verification verification = Verification::required;
  /// The oldest version of TLS that is accepted. A handshake with a server that supports only older
  /// ones fails. Older versions than TLS 1.2 are never used (RFC 8996).
  TlsVersion min_version = TlsVersion::tls_1_2;
};

/// Settings of permessage-deflate (RFC 7692), which the server may decline. Compression takes about
/// 200 KiB of memory per connection.
struct CompressionOptions {
  /// From 0 (no compression) to 9 (best compression).
  int level = 6;
  /// Messages smaller than this are sent uncompressed. In bytes. Has no effect with Boost before
  /// 1.80, which compresses every message.
  std::size_t min_bytes = 1'024;
  /// Keeps the compression context between messages: earlier messages help to compress later ones.
  /// False offers no_context_takeover for both sides (RFC 7692 7.1.1), which need less memory
  /// between messages then.
  bool keeps_context = true;
};

/// A host name and its addresses, as in /etc/hosts.
struct HostAddresses {
  /// The host as in the URL. Case is ignored.
  std::string name;
  /// Numeric IPv4 or IPv6 addresses. At least one.
  std::vector<std::string> addresses;
};

/// Options of a NativeRuntime and of all its connections.
struct NativeOptions {
  /// The thread that does network I/O.
  Threading threading = Threading::caller;
  /// Used for wss: connections.
  TlsOptions tls = {};
  /// URL of an HTTP proxy, http://user:password@host:port, for ws: and wss:. The tunnel is opened
  /// with CONNECT (RFC 7231 4.3.6); user and password, which are optional, are sent as Basic
  /// credentials. An empty string disables proxies. Without a value the environment is used, as in
  /// curl: http_proxy for ws:, https_proxy for wss:, all_proxy, no_proxy, also in upper case.
  /// HTTP_PROXY is ignored, because a web server sets it from its client's request header. A proxy
  /// from the environment is never used for loopback hosts.
  std::optional<std::string> proxy = {};
  /// Value of User-Agent for servers and proxies. For the server, a User-Agent in Options::headers
  /// takes precedence. Empty means "steadysocket/VERSION". Must not contain control characters.
  std::string user_agent = {};
  /// Compression is off without a value.
  std::optional<CompressionOptions> compression = {};
  /// Maximum size of a received message, in bytes. 1 or more. A larger message ends the
  /// connection with close code 1009 (RFC 6455 7.4.1), whereas Options::max_message_bytes only
  /// skips the message.
  std::size_t max_message_bytes = std::size_t{256} << 20;
  /// Maximum number of received messages, per connection, that wait for poll(). 1 or more. When
  /// this limit or max_waiting_bytes is reached, reading pauses until the next poll(), and TCP flow
  /// control holds the server back. It is also the most that one poll() dispatches.
  std::size_t max_waiting_messages = 512;
  /// The same limit in bytes. 1 or more.
  std::size_t max_waiting_bytes = std::size_t{4} << 20;
  /// Idle timeout of a connection, from 100 ms to one day. Off without a value. A ping (RFC 6455
  /// 5.5.2) is sent after half of this time without incoming data; after all of it the connection
  /// fails. The timer stops while reading is paused: see max_waiting_messages. With
  /// Threading::caller, poll() must be called more often than this. HeartbeatOptions also detects
  /// a server that answers pings but nothing else, and works the same on the web.
  std::optional<std::chrono::milliseconds> keep_alive = {};
  /// Addresses of hosts, looked up before the system's resolver is asked.
  std::vector<HostAddresses> hosts = {};
};

/// Returns an error for the first option that is out of range, or no error. Does not open files.
/// Errors: ErrorCode::invalid_option.
[[nodiscard]] Error validate(const NativeOptions& options);

}  // namespace steady::native
