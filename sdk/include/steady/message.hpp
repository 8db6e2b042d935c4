#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace steady {

/// The two kinds of WebSocket message (RFC 6455 5.6).
enum class MessageKind : std::uint8_t { text, binary };

/// A view of one received message. Valid while its handler runs: copy what you keep.
struct Message {
  /// Whether it came as text or as bytes (RFC 6455 5.6).
  MessageKind kind = MessageKind::text;
  /// The text of the routing member, unescaped. Empty where the message was not routed.
  std::string_view type;
  /// The payload: UTF-8 if `kind` is text. May contain U+0000.
  std::string_view data;

  /// The payload as bytes.
  std::span<const std::byte> bytes() const { return std::as_bytes(std::span(data)); }
};

}  // namespace steady
