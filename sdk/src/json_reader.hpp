#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace steady::detail {

/// Reads JSON (RFC 8259) from front to back. Each method returns false if the text is malformed or
/// ends; position() is unspecified then.
class JsonReader {
 public:
  explicit JsonReader(std::string_view text, std::size_t at = 0) : text_(text), at_(at) {}

  std::size_t position() const { return at_; }
  /// After a failure: true if the text ended, so more of it might parse.
  bool at_end() const { return at_ >= text_.size(); }

  void skip_space() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r')) {
      ++at_;
    }
  }

  bool next_is(char c) const { return at_ < text_.size() && text_[at_] == c; }

  bool take(char c) {
    if (!next_is(c)) return false;
    ++at_;
    return true;
  }

  /// Reads a string. `out` views the text, or `buffer` if escapes had to be decoded.
  bool take_string(std::string_view& out, std::string& buffer);

  /// Skips any value. Only the brackets of containers are matched; their content is not checked.
  bool skip_value();

 private:
  bool skip_string();
  bool skip_container();
  bool take_escaped(std::string& buffer);
  bool take_hex4(std::uint32_t& out);
  bool take_unicode(std::string& buffer);

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace steady::detail
