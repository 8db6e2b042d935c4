#include "steady/native/native_options.hpp"

#include <algorithm>
#include <string_view>

#include "address.hpp"
#include "header_fields.hpp"

namespace steady::native {

namespace {

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
  if (!is_field_value(options.user_agent)) return "user_agent: it has control characters";
  return fault_in_hosts(options.hosts);
}

}  // namespace

Error validate(const NativeOptions& options) {
  const std::string fault = fault_in(options);
  if (fault.empty()) return {};
  return {ErrorCode::invalid_option, fault};
}

}  // namespace steady::native
