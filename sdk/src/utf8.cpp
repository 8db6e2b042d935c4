#include "utf8.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace steady::detail {

bool is_utf8(std::string_view text) {
  constexpr std::uint64_t high_bits = 0x8080'8080'8080'8080;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    // Most text is ASCII: eight bytes at a time.
    std::uint64_t word = 0;
    if (static_cast<std::size_t>(end - at) >= sizeof word) {
      std::memcpy(&word, at, sizeof word);
      if ((word & high_bits) == 0) {
        at += sizeof word;
        continue;
      }
    }
    const auto lead = static_cast<unsigned char>(*at++);
    if (lead < 0x80) continue;
    if (lead < 0xc2 || lead > 0xf4) return false;
    // The range of the second byte excludes overlong forms, surrogates, and values above U+10FFFF.
    unsigned char lowest = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    unsigned char highest = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    for (int left = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3; left > 0; --left) {
      if (at == end) return false;
      const auto next = static_cast<unsigned char>(*at++);
      if (next < lowest || next > highest) return false;
      lowest = 0x80;
      highest = 0xbf;
    }
  }
  return true;
}

std::string beginning_of(std::string_view text) {
  constexpr std::size_t most = 100;
  if (text.size() <= most) return std::string(text);
  std::size_t end = most;
  // Steps back over the bytes that continue a character.
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return std::string(text.substr(0, end)) + "\u2026";
}

}  // namespace steady::detail
