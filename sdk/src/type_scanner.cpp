#include "type_scanner.hpp"

#include <algorithm>

#include "json_reader.hpp"

namespace steady::detail {

namespace {

/// Decodes the escapes of a JSON Pointer (RFC 6901 4).
std::string unescape(std::string_view token) {
  std::string plain;
  for (std::size_t i = 0; i < token.size(); ++i) {
    plain += token[i] != '~' ? token[i] : token[++i] == '1' ? '/' : '~';
  }
  return plain;
}

/// RFC 6901 4: digits without leading zeros.
bool is_index(std::string_view token) {
  return !token.empty() && token.size() < 10 && (token[0] != '0' || token.size() == 1) &&
         std::all_of(token.begin(), token.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

TypeScanner::TypeScanner(std::string_view member) : is_pointer_(member.starts_with('/')) {
  if (!is_pointer_) {
    path_.emplace_back(member);
    return;
  }
  for (std::size_t begin = 1; begin <= member.size();) {
    const std::size_t end = std::min(member.find('/', begin), member.size());
    path_.push_back(unescape(member.substr(begin, end - begin)));
    begin = end + 1;
  }
}

TypeScanner::Result TypeScanner::scan(std::string_view text) {
  type_ = {};
  JsonReader reader(text);
  const bool found = std::all_of(path_.begin(), path_.end(),
                                 [&](const std::string& token) { return enter(reader, token); }) &&
                     reader.take_string(type_, type_buffer_);
  if (found) return Result::found;
  type_ = {};
  return reader.at_end() ? Result::cut_off : Result::absent;
}

bool TypeScanner::enter(JsonReader& reader, const std::string& token) {
  reader.skip_space();
  if (is_pointer_ && reader.take('[')) return enter_array(reader, token);
  return reader.take('{') && enter_object(reader, token);
}

bool TypeScanner::enter_object(JsonReader& reader, const std::string& key) {
  for (;;) {
    std::string_view found;
    reader.skip_space();
    if (!reader.take_string(found, key_buffer_)) return false;
    reader.skip_space();
    if (!reader.take(':')) return false;
    reader.skip_space();
    if (found == key) return true;
    if (!reader.skip_value()) return false;
    reader.skip_space();
    if (!reader.take(',')) return false;
  }
}

bool TypeScanner::enter_array(JsonReader& reader, const std::string& index) {
  if (!is_index(index)) return false;
  std::uint32_t left = 0;
  for (const char digit : index) left = left * 10 + static_cast<std::uint32_t>(digit - '0');
  for (;; --left) {
    reader.skip_space();
    if (left == 0) return true;
    if (!reader.skip_value()) return false;
    reader.skip_space();
    if (!reader.take(',')) return false;
  }
}

}  // namespace steady::detail
