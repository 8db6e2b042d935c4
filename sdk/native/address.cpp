#include "address.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <charconv>

namespace steady::native {

namespace asio = boost::asio;

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

std::string lower_case(std::string_view text) {
  std::string lowered(text);
  std::transform(lowered.begin(), lowered.end(), lowered.begin(), lower);
  return lowered;
}

/// Parts of scheme://credentials@host:port/target, not decoded. The scheme is in lower case.
struct Parts {
  std::string scheme;
  /// Credentials, host and port.
  std::string_view authority;
  std::string_view credentials;
  std::string_view host;
  std::string_view port;
  std::string_view target;
};

Parts split(std::string_view url, std::string_view default_scheme) {
  Parts parts;
  parts.scheme = default_scheme;
  if (const auto end = url.find("://"); end != std::string_view::npos) {
    parts.scheme = lower_case(url.substr(0, end));
    url.remove_prefix(end + 3);
  }
  const auto authority_end = std::min(url.find_first_of("/?"), url.size());
  parts.target = url.substr(authority_end);
  url = url.substr(0, authority_end);
  parts.authority = url;
  if (const auto at = url.rfind('@'); at != std::string_view::npos) {
    parts.credentials = url.substr(0, at);
    url.remove_prefix(at + 1);
  }
  const auto bracket = url.starts_with('[') ? url.find(']') : std::string_view::npos;
  const auto colon = url.find(':', bracket == std::string_view::npos ? 0 : bracket);
  parts.host = url.substr(0, colon);
  if (colon != std::string_view::npos) parts.port = url.substr(colon + 1);
  return parts;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char letter = lower(c);
  return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

std::string percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '%' && at + 2 < text.size()) {
      const int high = hex_value(text[at + 1]);
      const int low = hex_value(text[at + 2]);
      if (high >= 0 && low >= 0) {
        decoded += static_cast<char>(high * 16 + low);
        at += 2;
        continue;
      }
    }
    decoded += text[at];
  }
  return decoded;
}

/// Uses the path and query percent-encode sets of the URL standard, as browsers do.
std::string percent_encoded(std::string_view target) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string encoded;
  bool in_query = false;
  for (const char c : target) {
    in_query = in_query || c == '?';
    const auto byte = static_cast<unsigned char>(c);
    const std::string_view marks = in_query ? "\"<>'" : "\"<>`{}^";
    if (byte > ' ' && byte < 0x7f && marks.find(c) == std::string_view::npos) {
      encoded += c;
    } else {
      encoded += '%';
      encoded += digits[byte >> 4];
      encoded += digits[byte & 15];
    }
  }
  return encoded;
}

/// Returns "user:password" (RFC 7617 2), with the colon even if there is no password.
std::string parse_credentials(std::string_view text) {
  std::string decoded = percent_decoded(text);
  if (!text.empty() && text.find(':') == std::string_view::npos) decoded += ':';
  return decoded;
}

/// Other URL parsers end the authority at a backslash or '#', and would connect to a different
/// host.
bool is_ambiguous(const Parts& parts) {
  return parts.authority.find_first_of("\\#") != std::string_view::npos;
}

bool has_zone(std::string_view host) {
  return host.starts_with('[') && host.find('%') != std::string_view::npos;
}

/// Returns no value if the host is invalid.
std::optional<std::string> parse_host(std::string_view host) {
  if (host.starts_with('[')) {
    // Zones (fe80::1%eth0) are only meaningful on one machine. Browsers reject them as well.
    if (!host.ends_with(']') || has_zone(host)) return {};
    std::string inside(host.substr(1, host.size() - 2));
    boost::system::error_code error;
    asio::ip::make_address_v6(inside, error);
    if (error) return {};
    return lower_case(inside);
  }
  std::string name = lower_case(percent_decoded(host));
  const bool is_name = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-' || c == '.' || c == '_';
  });
  const bool has_empty_label = name.starts_with('.') || name.find("..") != std::string::npos;
  if (!is_name || has_empty_label) return {};
  return name;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) return {};
  return port;
}

constexpr const char* bad_host =
    "is not a valid host: must be an ASCII name, an IPv4 address or an IPv6 address in brackets";

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

}  // namespace

std::optional<Address> parse_url(std::string_view url, std::string& why) {
  const Parts parts = split(url, {});
  Address address;
  if (parts.scheme != "ws" && parts.scheme != "wss") {
    why = "URL must begin with ws:// or wss://";
    return {};
  }
  if (is_ambiguous(parts)) {
    why = "URL must not contain \\ or # before its path";
    return {};
  }
  address.is_secure = parts.scheme == "wss";
  const auto host = parse_host(parts.host);
  if (!host) {
    why = quoted(parts.host) + " " +
          (has_zone(parts.host) ? "has a zone (%), which is not allowed in a URL" : bad_host);
    return {};
  }
  address.host = *host;
  const std::uint16_t default_port = address.is_secure ? 443 : 80;
  const auto port = parts.port.empty() ? default_port : parse_port(parts.port);
  if (!port) {
    why = quoted(parts.port) + " is not a valid port: must be from 1 to 65535";
    return {};
  }
  address.port = *port;
  address.has_default_port = *port == default_port;
  address.target = percent_encoded(parts.target);
  if (!address.target.starts_with('/')) address.target.insert(0, "/");
  address.credentials = parse_credentials(parts.credentials);
  return address;
}

std::optional<Proxy> parse_proxy(std::string_view url, std::string& why) {
  const Parts parts = split(url, "http");
  if (parts.scheme != "http") {
    why = "the proxy " + quoted(parts.scheme + "://" + std::string(parts.host)) +
          " is not supported: its URL must begin with http://";
    return {};
  }
  const auto host = parse_host(parts.host);
  // curl's default.
  const auto port = parts.port.empty() ? std::uint16_t{1080} : parse_port(parts.port);
  if (!host || !port || is_ambiguous(parts)) {
    why = "the proxy " + quoted(std::string(parts.host) + ":" + std::string(parts.port)) +
          " has no valid host or port";
    return {};
  }
  return Proxy{*host, *port, parse_credentials(parts.credentials)};
}

std::string authority(const std::string& host, std::uint16_t port) {
  const bool is_v6 = host.find(':') != std::string::npos;
  return (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::string host_field(const Address& address) {
  std::string field = authority(address.host, address.port);
  if (address.has_default_port) field.resize(field.rfind(':'));
  return field;
}

bool is_numeric(const std::string& host) {
  boost::system::error_code error;
  asio::ip::make_address(host, error);
  return !error;
}

std::string without_dot(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  return std::string(host);
}

bool is_loopback(const std::string& host) {
  if (host == "localhost" || host.ends_with(".localhost")) return true;
  boost::system::error_code error;
  const auto address = asio::ip::make_address(host, error);
  return !error && address.is_loopback();
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t there = std::min<std::size_t>(3, bytes.size() - at);
    unsigned three = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      three = three << 8 | (i < there ? static_cast<unsigned char>(bytes[at + i]) : 0u);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      text += i <= there ? digits[three >> (18 - 6 * i) & 63] : '=';
    }
  }
  return text;
}

}  // namespace steady::native
