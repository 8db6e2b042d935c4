#include "validate.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "settings_of.gen.hpp"
#include "utf8.hpp"

namespace steady {

namespace detail {

namespace {

/// Error message, or null.
using Fault = const char*;

/// RFC 7230 3.2.6.
bool is_token(std::string_view text) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::find(marks.begin(), marks.end(), c) != marks.end();
  });
}

bool starts_with_ignoring_case(std::string_view text, std::string_view lower_case_prefix) {
  return text.size() >= lower_case_prefix.size() &&
         std::equal(lower_case_prefix.begin(), lower_case_prefix.end(), text.begin(),
                    [](char want, char have) {
                      return want == (have >= 'A' && have <= 'Z' ? have + ('a' - 'A') : have);
                    });
}

/// RFC 6455 3: ws: or wss:, a host, no fragment; no characters that must be escaped.
Fault fault_in_url(std::string_view url) {
  std::size_t scheme = 0;
  if (starts_with_ignoring_case(url, "ws://")) {
    scheme = 5;
  } else if (starts_with_ignoring_case(url, "wss://")) {
    scheme = 6;
  } else {
    return "URL must begin with ws:// or wss://";
  }
  for (const char c : url) {
    if (c == '#') return "URL must not have a fragment";
    if (static_cast<unsigned char>(c) <= ' ' || c == '\x7f') {
      return "URL must not contain spaces or control characters";
    }
  }
  if (url.size() == scheme || url[scheme] == '/' || url[scheme] == '?') {
    return "URL must have a host";
  }
  return nullptr;
}

/// RFC 6455 4.1: distinct tokens.
std::string fault_in_subprotocols(const std::vector<std::string>& subprotocols) {
  for (auto one = subprotocols.begin(); one != subprotocols.end(); ++one) {
    if (!is_token(*one)) return "subprotocol must be a token: letters, digits and !#$%&'*+-.^_`|~";
    if (one->ends_with("+steady.1")) return "subprotocol must not end in +steady.1: " + *one;
    if (std::find(subprotocols.begin(), one, *one) != one) return "duplicate subprotocol: " + *one;
  }
  return {};
}

Fault fault_in_heartbeat(const HeartbeatOptions& heartbeat) {
  constexpr std::size_t longest_reply = 256;
  if (heartbeat.message.empty()) return "heartbeat.message must not be empty";
  if (!is_utf8(heartbeat.message)) return "heartbeat.message must be valid UTF-8";
  if (heartbeat.reply.size() > longest_reply) return "heartbeat.reply must be at most 256 bytes";
  return nullptr;
}

/// Checks options that are not in kernel::Settings.
Fault fault_in_values(const Options& options) {
  for (const CloseRule& rule : options.reconnect.rules) {
    if (rule.first > rule.last) return "reconnect.rules: first must not be above last";
  }
  if (options.heartbeat) {
    if (Fault fault = fault_in_heartbeat(*options.heartbeat)) return fault;
  }
  if (options.first_message && !is_utf8(*options.first_message)) {
    return "first_message must be valid UTF-8";
  }
  if (options.inbound.max_messages == 0) return "inbound.max_messages must be 1 or more";
  if (options.inbound.max_bytes == 0) return "inbound.max_bytes must be 1 or more";
  if (!is_routing_member(options.type_member)) {
    return "type_member must be a name or a JSON Pointer";
  }
  const RequestNames& requests = options.requests;
  if (!is_routing_member(requests.id_member) ||
      !(requests.reply_member.empty() || is_routing_member(requests.reply_member))) {
    return "requests: id_member and reply_member must be names or JSON Pointers";
  }
  if (requests.error_member.empty()) return "requests.error_member must not be empty";
  return nullptr;
}

Fault fault_in_batch(const Options& options) {
  if (!options.batch) return nullptr;
  const BatchOptions& batch = *options.batch;
  const auto& offered = options.subprotocols;
  if (!batch.subprotocol.empty() && !options.provider &&
      std::find(offered.begin(), offered.end(), batch.subprotocol) == offered.end()) {
    return "batch.subprotocol must be one of the offered subprotocols";
  }
  return nullptr;
}

}  // namespace

bool is_routing_member(std::string_view member) {
  if (!member.starts_with('/')) return !member.empty();
  for (std::size_t at = 0; at < member.size(); ++at) {
    if (member[at] != '~') continue;
    const char next = at + 1 < member.size() ? member[at + 1] : '\0';
    if (next != '0' && next != '1') return false;
  }
  return true;
}

Error validate_request(std::string_view url, const std::vector<std::string>& subprotocols) {
  if (Fault fault = fault_in_url(url)) return {ErrorCode::invalid_url, fault};
  if (std::string fault = fault_in_subprotocols(subprotocols); !fault.empty()) {
    return {ErrorCode::invalid_subprotocol, std::move(fault)};
  }
  return {};
}

}  // namespace detail

Error validate(const CloseOptions& options) {
  constexpr std::size_t max_reason = 123;
  if (options.code && *options.code != close_code::normal &&
      (*options.code < 3000 || *options.code > 4999)) {
    return {ErrorCode::invalid_close_code,
            "close code must be 1000 or 3000-4999, got " + std::to_string(*options.code)};
  }
  if (options.reason.size() > max_reason || !detail::is_utf8(options.reason)) {
    return {ErrorCode::invalid_close_reason, "close reason must be at most 123 bytes of UTF-8"};
  }
  if (options.flush &&
      (options.deadline <= options.deadline.zero() || options.deadline > std::chrono::hours{24})) {
    return {ErrorCode::invalid_option, "deadline must be more than 0 and at most one day"};
  }
  return {};
}

Error validate(const Options& options) {
  using namespace detail;
  if (Fault fault = fault_in_ranges(settings_of(options))) {
    return {ErrorCode::invalid_option, fault};
  }
  if (Fault fault = fault_in_values(options)) return {ErrorCode::invalid_option, fault};
  if (!options.provider) {
    if (Error error = validate_request(options.url, options.subprotocols)) return error;
  }
  if (Fault fault = fault_in_batch(options)) return {ErrorCode::invalid_option, fault};
  return {};
}

}  // namespace steady
