#include "steady/native/native_options.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include "address.hpp"
#include "header_fields.hpp"

namespace steady::native {

namespace {

std::string fault_in_hosts(const std::vector<HostAddresses>& hosts) {
  for (const HostAddresses& host : hosts) {
    const bool is_valid = !host.addresses.empty() &&
                          std::all_of(host.addresses.begin(), host.addresses.end(), is_numeric);
    if (!is_valid) return "hosts: \"" + host.name + "\" must have one or more numeric addresses";
  }
  return {};
}

std::string fault_in(const NativeOptions& options) {
  if (options.max_message_bytes == 0) return "max_message_bytes must be 1 or more";
  if (options.max_waiting_messages == 0) return "max_waiting_messages must be 1 or more";
  if (options.max_waiting_bytes == 0) return "max_waiting_bytes must be 1 or more";
  if (options.keep_alive && (*options.keep_alive < std::chrono::milliseconds{100} ||
                             *options.keep_alive > std::chrono::hours{24})) {
    return "keep_alive must be between 100 ms and one day, got " +
           std::to_string(options.keep_alive->count()) + " ms";
  }
  if (options.compression && (options.compression->level < 0 || options.compression->level > 9)) {
    return "compression.level must be between 0 and 9, got " +
           std::to_string(options.compression->level);
  }
  if (options.tls.certificate_file.empty() != options.tls.key_file.empty()) {
    return "tls.certificate_file and tls.key_file must be set together";
  }
  std::string why;
  if (options.proxy && !options.proxy->empty() && !parse_proxy(*options.proxy, why)) return why;
  if (!is_field_value(options.user_agent)) return "user_agent must not contain control characters";
  return fault_in_hosts(options.hosts);
}

}  // namespace

Error validate(const NativeOptions& options) {
  const std::string fault = fault_in(options);
  if (fault.empty()) return {};
  return {ErrorCode::invalid_option, fault};
}

}  // namespace steady::native
