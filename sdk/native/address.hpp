#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace steady::native {

/// What a URL says, ready to be connected to.
struct Address {
  bool is_secure = false;
  /// In lower case, with the dot at its end if one was written; IPv6 without brackets.
  std::string host;
  std::uint16_t port = 0;
  bool has_default_port = false;
  /// Path and query, percent-encoded.
  std::string target;
  /// "user:password", decoded; empty without.
  std::string credentials;
};

/// None if it is not one of ws: or wss: with a host and a port of this world. Then `why` says so.
std::optional<Address> parse_url(std::string_view url, std::string& why);

/// What the URL of an HTTP proxy says.
struct Proxy {
  std::string host;
  std::uint16_t port = 0;
  std::string credentials;
};
std::optional<Proxy> parse_proxy(std::string_view url, std::string& why);

/// As the Host field has it: IPv6 in brackets, the port unless it is the scheme's own.
std::string host_field(const Address& address);
/// The same with the port.
std::string authority(const std::string& host, std::uint16_t port);
/// A name without the dot at its end, with which the system does not try its own domains: names in
/// certificates and lists have none (RFC 6066 3).
std::string without_dot(std::string_view host);
/// A numeric address, IPv4 or IPv6.
bool is_numeric(const std::string& host);
/// This machine, by name or by number.
bool is_loopback(const std::string& host);
/// RFC 4648 4.
std::string base64(std::string_view bytes);

}  // namespace steady::native
