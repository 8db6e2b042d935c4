#include "validate.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "utf8.hpp"

namespace steady {

namespace detail {

namespace {

/// What is wrong, or null.
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

/// RFC 6455 3: ws: or wss:, a host, no fragment; no character that would have to be escaped.
Fault fault_in_url(std::string_view url) {
  std::size_t scheme = 0;
  if (starts_with_ignoring_case(url, "ws://")) {
    scheme = 5;
  } else if (starts_with_ignoring_case(url, "wss://")) {
    scheme = 6;
  } else {
    return "a WebSocket URL begins with ws:// or wss://";
  }
  for (const char c : url) {
    if (c == '#') return "a WebSocket URL has no fragment";
    if (static_cast<unsigned char>(c) <= ' ' || c == '\x7f') {
      return "a WebSocket URL has no spaces and no control characters";
    }
  }
  if (url.size() == scheme || url[scheme] == '/' || url[scheme] == '?') {
    return "a WebSocket URL has a host";
  }
  return nullptr;
}

/// RFC 6455 4.1: tokens, none twice.
Fault fault_in_subprotocols(const std::vector<std::string>& subprotocols) {
  for (auto one = subprotocols.begin(); one != subprotocols.end(); ++one) {
    if (!is_token(*one)) return "a subprotocol is a token: letters, digits and !#$%&'*+-.^_`|~";
    if (std::find(subprotocols.begin(), one, *one) != one) return "a subprotocol is there twice";
  }
  return nullptr;
}

using std::chrono::milliseconds;
constexpr milliseconds day = std::chrono::hours{24};

bool is_timeout(milliseconds time) { return time > milliseconds::zero() && time <= day; }

Fault fault_in_numbers(const Options& options) {
  const ReconnectOptions& reconnect = options.reconnect;

  if (reconnect.initial_delay <= milliseconds::zero()) {
    return "reconnect: the initial delay must be more than 0";
  }
  if (reconnect.max_delay < reconnect.initial_delay || reconnect.max_delay > day) {
    return "reconnect: the maximum delay must be between the initial delay and a day";
  }
  if (!(reconnect.factor >= 1) || !std::isfinite(reconnect.factor)) {
    return "reconnect: the factor must be 1 or more";
  }
  if (reconnect.max_elapsed && *reconnect.max_elapsed <= milliseconds::zero()) {
    return "reconnect: the maximum time must be more than 0";
  }
  if (reconnect.later_min < milliseconds::zero() || reconnect.later_max < reconnect.later_min ||
      reconnect.later_max > day) {
    return "reconnect: later must be between 0 and a day, the minimum before the maximum";
  }
  for (const CloseRule& rule : reconnect.rules) {
    if (rule.first > rule.last) return "reconnect: a rule's first code must not be above its last";
  }
  if (reconnect.stable_after < milliseconds::zero()) {
    return "reconnect: the stable time must be 0 or more";
  }
  if (!is_timeout(options.connect_timeout)) {
    return "the connect timeout must be more than 0 and at most a day";
  }
  if (!is_timeout(options.close_timeout)) {
    return "the close timeout must be more than 0 and at most a day";
  }
  if (options.heartbeat) {
    const HeartbeatOptions& heartbeat = *options.heartbeat;
    if (!is_timeout(heartbeat.interval)) {
      return "heartbeat: the interval must be more than 0 and at most a day";
    }
    if (!is_timeout(heartbeat.timeout)) {
      return "heartbeat: the timeout must be more than 0 and at most a day";
    }
    if (heartbeat.message.empty()) return "heartbeat: the message must not be empty";
    if (!is_utf8(heartbeat.message)) return "heartbeat: the message must be valid UTF-8";
    constexpr std::size_t longest_reply = 256;
    if (heartbeat.reply.size() > longest_reply) {
      return "heartbeat: the reply must be at most 256 bytes";
    }
  }
  if (options.first_message && !is_utf8(*options.first_message)) {
    return "the first message must be valid UTF-8";
  }
  if (options.high_water_mark == 0) return "the high-water mark must be more than 0";
  if (options.low_water_mark && *options.low_water_mark >= options.high_water_mark) {
    return "the low-water mark must be below the high-water mark";
  }
  if (options.inbound.max_messages == 0 || options.inbound.max_bytes == 0) {
    return "inbound: there must be room for a message";
  }
  if (!is_routing_member(options.type_member)) {
    return "the type member must be a name or a JSON Pointer";
  }
  return nullptr;
}

Fault fault_in_batch(const Options& options) {
  if (!options.batch) return nullptr;
  const BatchOptions& batch = *options.batch;
  if (batch.max_messages == 0 || batch.max_bytes == 0) {
    return "batch: a frame must have room for a message";
  }
  const auto& offered = options.subprotocols;
  if (!batch.subprotocol.empty() && !options.provider &&
      std::find(offered.begin(), offered.end(), batch.subprotocol) == offered.end()) {
    return "batch: its subprotocol must be among those that are offered";
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
  if (Fault fault = fault_in_subprotocols(subprotocols)) {
    return {ErrorCode::invalid_subprotocol, fault};
  }
  return {};
}

}  // namespace detail

Error validate(const CloseOptions& options) {
  constexpr std::size_t max_reason = 123;
  if (options.code && *options.code != close_code::normal &&
      (*options.code < 3000 || *options.code > 4999)) {
    return {ErrorCode::invalid_close_code, "a close code is 1000 or in 3000-4999"};
  }
  if (options.reason.size() > max_reason || !detail::is_utf8(options.reason)) {
    return {ErrorCode::invalid_close_reason, "a close reason is at most 123 bytes of UTF-8"};
  }
  if (options.flush && !detail::is_timeout(options.deadline)) {
    return {ErrorCode::invalid_option, "the deadline must be more than 0 and at most a day"};
  }
  return {};
}

Error validate(const Options& options) {
  using namespace detail;
  if (Fault fault = fault_in_numbers(options)) return {ErrorCode::invalid_option, fault};
  if (!options.provider) {
    if (Error error = validate_request(options.url, options.subprotocols)) return error;
  }
  if (Fault fault = fault_in_batch(options)) return {ErrorCode::invalid_option, fault};
  return {};
}

}  // namespace steady
