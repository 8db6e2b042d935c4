#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "steady/cpp20.hpp"

namespace steady {

/// The two kinds of WebSocket message (RFC 6455 5.6).
enum class MessageKind : std::uint8_t { text, binary };

/// A view of one received message. Valid while its handler runs.
struct Message {
  /// Text or binary.
  MessageKind kind = MessageKind::text;
  /// Value of the routing member (Options::type_member), unescaped. Empty if the message was not
  /// routed by type.
  std::string_view type;
  /// Payload. UTF-8 if `kind` is text; may contain U+0000.
  std::string_view data;

  /// Returns the payload as bytes.
  std::span<const std::byte> bytes() const { return std::as_bytes(std::span(data)); }
};

}  // namespace steady
