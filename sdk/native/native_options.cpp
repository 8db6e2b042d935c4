#include "steady/native/native_options.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "address.hpp"
#include "header_fields.hpp"

namespace steady::native {

namespace {

/// RFC 7230 3.2.6.
bool is_token(std::string_view text) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           marks.find(c) != std::string_view::npos;
  });
}

/// The handshake has these itself.
bool is_reserved(std::string_view name) {
  constexpr std::array<std::string_view, 9> reserved = {"host",
                                                        "connection",
                                                        "upgrade",
                                                        "content-length",
                                                        "transfer-encoding",
                                                        "sec-websocket-key",
                                                        "sec-websocket-version",
                                                        "sec-websocket-protocol",
                                                        "sec-websocket-extensions"};
  return std::any_of(reserved.begin(), reserved.end(),
                     [name](std::string_view one) { return is_same_field(name, one); });
}

/// Of all header fields, in bytes. Servers take 8 KiB of header as a rule, Beast 64 KiB in a field.
constexpr std::size_t most_header_bytes = std::size_t{8} << 10;

std::string fault_in_headers(const std::vector<HeaderField>& headers) {
  std::size_t bytes = 0;
  for (const HeaderField& field : headers) {
    if (!is_token(field.name)) return "headers: \"" + field.name + "\" is not a name of a field";
    if (is_reserved(field.name)) {
      return "headers: \"" + field.name + "\" is a field of the handshake itself";
    }
    const bool is_clean = std::all_of(field.value.begin(), field.value.end(), [](char c) {
      const auto byte = static_cast<unsigned char>(c);
      return (byte >= ' ' && byte != 0x7f) || c == '\t';
    });
    if (!is_clean) return "headers: the value of \"" + field.name + "\" has control characters";
    bytes += field.name.size() + field.value.size();
  }
  if (bytes > most_header_bytes) return "headers: names and values are more than 8 KiB in all";
  return {};
}

std::string fault_in_hosts(const std::vector<HostAddresses>& hosts) {
  for (const HostAddresses& host : hosts) {
    const bool is_valid = !host.addresses.empty() &&
                          std::all_of(host.addresses.begin(), host.addresses.end(), is_numeric);
    if (!is_valid) return "hosts: \"" + host.name + "\" needs addresses, numeric ones";
  }
  return {};
}

std::string fault_in(const NativeOptions& options) {
  if (options.max_message_bytes == 0) return "the largest message must be more than 0";
  if (options.max_waiting_messages == 0 || options.max_waiting_bytes == 0) {
    return "there must be room for a message that waits";
  }
  if (options.keep_alive && (*options.keep_alive < std::chrono::milliseconds{100} ||
                             *options.keep_alive > std::chrono::hours{24})) {
    return "the keep-alive time must be between 100 ms and a day";
  }
  if (options.compression && (options.compression->level < 0 || options.compression->level > 9)) {
    return "compression: the level must be between 0 and 9";
  }
  if (options.tls.certificate_file.empty() != options.tls.key_file.empty()) {
    return "tls: a certificate needs its key, and a key its certificate";
  }
  std::string why;
  if (options.proxy && !options.proxy->empty() && !parse_proxy(*options.proxy, why)) return why;
  why = fault_in_headers(options.headers);
  return why.empty() ? fault_in_hosts(options.hosts) : why;
}

}  // namespace

bool is_same_field(std::string_view one, std::string_view other) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                    [lower](char a, char b) { return lower(a) == lower(b); });
}

Error validate(const NativeOptions& options) {
  const std::string fault = fault_in(options);
  if (fault.empty()) return {};
  return {ErrorCode::invalid_option, fault};
}

}  // namespace steady::native
