#include "header_fields.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace steady::native {

namespace {

/// True for a token (RFC 7230 3.2.6).
bool is_token(std::string_view text) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           marks.find(c) != std::string_view::npos;
  });
}

/// True for fields that belong to the handshake itself. Users must not set them.
bool is_reserved(std::string_view name) {
  constexpr std::string_view prefix = "sec-websocket-";
  constexpr std::array<std::string_view, 5> reserved = {"host", "connection", "upgrade",
                                                        "content-length", "transfer-encoding"};
  return is_same_field(name.substr(0, prefix.size()), prefix) ||
         std::any_of(reserved.begin(), reserved.end(),
                     [name](std::string_view one) { return is_same_field(name, one); });
}

/// Limit for all names and values together, in bytes. Servers usually accept 8 KiB of header; Beast
/// accepts 64 KiB per field.
constexpr std::size_t max_header_bytes = std::size_t{8} << 10;

}  // namespace

bool is_same_field(std::string_view one, std::string_view other) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                    [lower](char a, char b) { return lower(a) == lower(b); });
}

bool is_field_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte >= ' ' && byte != 0x7f) || c == '\t';
  });
}

std::string fault_in_headers(const std::vector<HeaderField>& headers) {
  std::size_t bytes = 0;
  for (const HeaderField& field : headers) {
    if (!is_token(field.name)) return "headers: \"" + field.name + "\" is not a valid field name";
    if (is_reserved(field.name)) {
      return "headers: \"" + field.name + "\" is reserved for the handshake";
    }
    if (!is_field_value(field.value)) {
      return "headers: the value of \"" + field.name + "\" must not contain control characters";
    }
    bytes += field.name.size() + field.value.size();
  }
  if (bytes > max_header_bytes) {
    return "headers: names and values must not exceed 8192 bytes in total, got " +
           std::to_string(bytes);
  }
  return {};
}

}  // namespace steady::native
