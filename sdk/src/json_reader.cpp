#include "json_reader.hpp"

namespace steady::detail {

namespace {

bool is_end_of_scalar(char c) {
  return c == ',' || c == '}' || c == ']' || c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

void append_utf8(std::string& out, std::uint32_t point) {
  const auto put = [&out](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xC0 | (point >> 6));
    put(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    put(0xE0 | (point >> 12));
    put(0x80 | ((point >> 6) & 0x3F));
    put(0x80 | (point & 0x3F));
  } else {
    put(0xF0 | (point >> 18));
    put(0x80 | ((point >> 12) & 0x3F));
    put(0x80 | ((point >> 6) & 0x3F));
    put(0x80 | (point & 0x3F));
  }
}

}  // namespace

bool JsonReader::take_string(std::string_view& out, std::string& buffer) {
  if (!take('"')) return false;
  const std::size_t begin = at_;
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c == '"') {
      out = text_.substr(begin, at_++ - begin);
      return true;
    }
    if (c == '\\') {
      buffer.assign(text_.substr(begin, at_ - begin));
      if (!take_escaped(buffer)) return false;
      out = buffer;
      return true;
    }
    if (static_cast<unsigned char>(c) < 0x20) return false;
    ++at_;
  }
  return false;
}

bool JsonReader::skip_value() {
  if (next_is('"')) return skip_string();
  if (next_is('{') || next_is('[')) return skip_container();
  const std::size_t begin = at_;
  while (at_ < text_.size() && !is_end_of_scalar(text_[at_])) ++at_;
  return at_ > begin;
}

bool JsonReader::skip_string() {
  ++at_;
  while (at_ < text_.size()) {
    const char c = text_[at_++];
    if (c == '"') return true;
    if (c == '\\') ++at_;
  }
  return false;
}

bool JsonReader::skip_container() {
  std::size_t depth = 0;
  while (at_ < text_.size()) {
    switch (text_[at_]) {
      case '"':
        if (!skip_string()) return false;
        continue;
      case '{':
      case '[':
        ++depth;
        break;
      case '}':
      case ']':
        --depth;
        break;
      default:
        break;
    }
    ++at_;
    if (depth == 0) return true;
  }
  return false;
}

/// Reads the rest of a string, beginning at its first escape.
bool JsonReader::take_escaped(std::string& buffer) {
  while (at_ < text_.size()) {
    const char c = text_[at_++];
    if (c == '"') return true;
    if (static_cast<unsigned char>(c) < 0x20) return false;
    if (c != '\\') {
      buffer.push_back(c);
      continue;
    }
    if (at_ >= text_.size()) return false;
    switch (text_[at_++]) {
      case '"':
        buffer.push_back('"');
        break;
      case '\\':
        buffer.push_back('\\');
        break;
      case '/':
        buffer.push_back('/');
        break;
      case 'b':
        buffer.push_back('\b');
        break;
      case 'f':
        buffer.push_back('\f');
        break;
      case 'n':
        buffer.push_back('\n');
        break;
      case 'r':
        buffer.push_back('\r');
        break;
      case 't':
        buffer.push_back('\t');
        break;
      case 'u':
        if (!take_unicode(buffer)) return false;
        break;
      default:
        return false;
    }
  }
  return false;
}

bool JsonReader::take_hex4(std::uint32_t& out) {
  if (text_.size() - at_ < 4) {
    at_ = text_.size();
    return false;
  }
  out = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = text_[at_++];
    std::uint32_t digit = 0;
    if (c >= '0' && c <= '9') {
      digit = static_cast<std::uint32_t>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      digit = static_cast<std::uint32_t>(c - 'a') + 10;
    } else if (c >= 'A' && c <= 'F') {
      digit = static_cast<std::uint32_t>(c - 'A') + 10;
    } else {
      return false;
    }
    out = out * 16 + digit;
  }
  return true;
}

bool JsonReader::take_unicode(std::string& buffer) {
  std::uint32_t unit = 0;
  if (!take_hex4(unit)) return false;
  std::uint32_t point = unit;
  if (unit >= 0xD800 && unit <= 0xDFFF) {
    // UTF-8 cannot encode a lone surrogate, so it becomes U+FFFD, as with TextEncoder.
    point = 0xFFFD;
    const std::size_t before = at_;
    std::uint32_t low = 0;
    if (unit <= 0xDBFF && take('\\') && take('u') && take_hex4(low) && low >= 0xDC00 &&
        low <= 0xDFFF) {
      point = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
    } else {
      at_ = before;
    }
  }
  append_utf8(buffer, point);
  return true;
}

}  // namespace steady::detail
