#include "proxy.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <charconv>
#include <initializer_list>
#include <string_view>
#include <vector>

namespace steady::native {

namespace {

using boost::asio::ip::make_address;

std::string first_of(const Environment& environment, std::initializer_list<const char*> names) {
  for (const char* const name : names) {
    const char* const value = environment(name);
    if (value != nullptr && *value != '\0') return value;
  }
  return {};
}

std::vector<unsigned char> bytes_of(const boost::asio::ip::address& address) {
  if (address.is_v4()) {
    const auto bytes = address.to_v4().to_bytes();
    return {bytes.begin(), bytes.end()};
  }
  const auto bytes = address.to_v6().to_bytes();
  return {bytes.begin(), bytes.end()};
}

/// True if the numeric `host` is in `network`, which is a CIDR block such as 10.0.0.0/8 or a single
/// address.
bool is_in_network(const std::string& host, std::string_view network) {
  boost::system::error_code error;
  const auto address = make_address(host, error);
  if (error) return false;
  const auto slash = std::min(network.find('/'), network.size());
  const auto base = make_address(std::string(network.substr(0, slash)), error);
  if (error || address.is_v4() != base.is_v4()) return false;
  const auto have = bytes_of(address);
  const auto want = bytes_of(base);
  std::size_t bits = have.size() * 8;
  if (slash < network.size()) {
    const std::string_view text = network.substr(slash + 1);
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), bits);
    if (fault != std::errc() || end != text.data() + text.size() || bits > have.size() * 8) {
      return false;
    }
  }
  for (std::size_t bit = 0; bit < bits; ++bit) {
    const unsigned mask = 0x80u >> (bit % 8);
    if ((have[bit / 8] & mask) != (want[bit / 8] & mask)) return false;
  }
  return true;
}

bool is_in_domain(std::string_view host, std::string domain) {
  std::transform(domain.begin(), domain.end(), domain.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  std::string_view name = domain;
  if (name.starts_with('.')) name.remove_prefix(1);
  if (name.ends_with('.')) name.remove_suffix(1);
  if (name.empty() || !host.ends_with(name)) return false;
  return host.size() == name.size() || host[host.size() - name.size() - 1] == '.';
}

bool is_excepted(std::string_view exceptions, const std::string& host) {
  while (!exceptions.empty()) {
    const auto end = std::min(exceptions.find_first_of(", \t"), exceptions.size());
    std::string_view one = exceptions.substr(0, end);
    exceptions.remove_prefix(std::min(end + 1, exceptions.size()));
    if (one == "*") return true;
    if (one.starts_with('[') && one.ends_with(']')) one = one.substr(1, one.size() - 2);
    if (one.empty()) continue;
    const bool matches =
        is_numeric(host) ? is_in_network(host, one) : is_in_domain(host, std::string(one));
    if (matches) return true;
  }
  return false;
}

}  // namespace

std::string proxy_from(const Environment& environment, const Address& address) {
  const std::string host = without_dot(address.host);
  if (is_loopback(host)) return {};
  if (is_excepted(first_of(environment, {"no_proxy", "NO_PROXY"}), host)) return {};
  return address.is_secure
             ? first_of(environment, {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"})
             : first_of(environment, {"http_proxy", "all_proxy", "ALL_PROXY"});
}

}  // namespace steady::native
