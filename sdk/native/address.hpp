#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace steady::native {

/// A parsed ws: or wss: URL.
struct Address {
  bool is_secure = false;
  /// In lower case, with its trailing dot if the URL has one. IPv6 without brackets.
  std::string host;
  std::uint16_t port = 0;
  bool has_default_port = false;
  /// Path and query, percent-encoded.
  std::string target;
  /// "user:password", percent-decoded. Empty if the URL has none.
  std::string credentials;
};

/// Returns no value and sets `why` unless `url` is a ws: or wss: URL with a valid host and port.
std::optional<Address> parse_url(std::string_view url, std::string& why);

/// A parsed URL of an HTTP proxy.
struct Proxy {
  std::string host;
  std::uint16_t port = 0;
  std::string credentials;
};
/// The scheme defaults to http:, the port to 1080. Returns no value and sets `why` on failure.
std::optional<Proxy> parse_proxy(std::string_view url, std::string& why);

/// Value of the Host field: IPv6 in brackets, the port unless it is the scheme's default.
std::string host_field(const Address& address);
/// host:port, IPv6 in brackets.
std::string authority(const std::string& host, std::uint16_t port);
/// Removes a trailing dot. The dot keeps the resolver from trying its search domains, but names in
/// certificates, SNI and no_proxy lists have none (RFC 6066 3).
std::string without_dot(std::string_view host);
/// True for a numeric IPv4 or IPv6 address.
bool is_numeric(const std::string& host);
/// True for localhost, names below it, and loopback addresses.
bool is_loopback(const std::string& host);
/// RFC 4648 4.
std::string base64(std::string_view bytes);

}  // namespace steady::native
