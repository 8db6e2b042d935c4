#pragma once

#include <algorithm>
#include <boost/beast/websocket/option.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "link.hpp"
#include "steady/error.hpp"

// The opening handshake (RFC 6455 4): fields of the request, and the check of the response.
// Included by websocket.cpp only, because it compiles Beast's HTTP.

namespace steady::native {

namespace websocket = boost::beast::websocket;
namespace http = boost::beast::http;

inline std::string joined(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  return list;
}

/// Adds the header fields that Beast does not set itself.
inline void add_fields(websocket::request_type& request, const Opening& opening) {
  request.set(http::field::user_agent, opening.agent);
  if (!opening.subprotocols.empty()) {
    request.set(http::field::sec_websocket_protocol, joined(opening.subprotocols));
  }
  const std::string& credentials = opening.address.credentials;
  if (!credentials.empty()) request.set(http::field::authorization, "Basic " + base64(credentials));
  for (const HeaderField& field : opening.headers) request.erase(field.name);
  for (const HeaderField& field : opening.headers) request.insert(field.name, field.value);
}

inline websocket::permessage_deflate deflate(const std::optional<CompressionOptions>& wanted) {
  websocket::permessage_deflate offer;
  if (!wanted) return offer;
  offer.client_enable = true;
  offer.compLevel = wanted->level;
  offer.client_no_context_takeover = !wanted->keeps_context;
  offer.server_no_context_takeover = !wanted->keeps_context;
  const auto set_threshold = [&](auto& option) {
    // Available since Boost 1.80.
    if constexpr (requires { option.msg_size_threshold; }) {
      option.msg_size_threshold = wanted->min_bytes;
    }
  };
  set_threshold(offer);
  return offer;
}

/// Checks the response to the handshake. Returns the error, or an empty string.
inline std::string fault_in_response(const websocket::response_type& answer,
                                     const Opening& opening) {
  const auto picked = answer.equal_range(http::field::sec_websocket_protocol);
  const auto count = std::distance(picked.first, picked.second);
  const auto& offered = opening.subprotocols;
  if (offered.empty()) {
    // RFC 6455 4.1: "indicates the use of a subprotocol that was not present".
    if (count > 0) return "the server selected a subprotocol, but none was offered";
  } else {
    // WebSockets standard, "establish a WebSocket connection".
    if (count == 0) return "the server selected none of the offered subprotocols";
    const auto value = picked.first->value();
    const std::string name(value.data(), value.size());
    if (count > 1 || std::find(offered.begin(), offered.end(), name) == offered.end()) {
      return "the server selected a subprotocol that was not offered";
    }
  }
  if (!opening.options->compression && answer.count(http::field::sec_websocket_extensions) > 0) {
    return "the server selected an extension, but none was offered";
  }
  return {};
}

inline std::string status_of(const websocket::response_type& answer) {
  const auto reason = answer.reason();
  std::string status = std::to_string(answer.result_int());
  if (!reason.empty()) status += " " + std::string(reason.data(), reason.size());
  if (answer.result_int() / 100 == 3) status += "; redirects are not followed";
  return status;
}

/// The response as a user sees it: HandshakeResponse.
inline std::shared_ptr<const HandshakeResponse> shown(const websocket::response_type& answer) {
  auto response = std::make_shared<HandshakeResponse>();
  response->status = static_cast<std::uint16_t>(answer.result_int());
  for (const auto& field : answer) {
    const auto name = field.name_string();
    const auto value = field.value();
    response->headers.push_back({{name.data(), name.size()}, {value.data(), value.size()}});
  }
  return response;
}

/// The selected subprotocol and extension, for a step: names without parameters.
inline std::string selection_of(const websocket::response_type& answer) {
  std::string text;
  const auto add = [&](const char* label, http::field field) {
    const auto value = answer[field];
    if (value.empty()) return;
    const std::string names(value.data(), value.size());
    text += std::string(", ") + label + " " + names.substr(0, names.find(';'));
  };
  add("subprotocol", http::field::sec_websocket_protocol);
  add("extension", http::field::sec_websocket_extensions);
  return text;
}

}  // namespace steady::native
