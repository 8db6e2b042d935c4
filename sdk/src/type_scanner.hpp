#pragma once

#include <string>
#include <string_view>

namespace steady::detail {

/// Finds the string member `key` at the top level of a JSON object and reads no further.
/// The first of duplicate members decides. Keeps its memory from one text to the next.
class TypeScanner {
 public:
  explicit TypeScanner(std::string key) : key_(std::move(key)) {}

  /// True if there is such a member and its value is a string: see type(). False if `text` is not
  /// an object, is malformed before the member, or has no such member, or it is not a string.
  bool scan(std::string_view text);

  /// The value found, unescaped, in UTF-8. Valid until the next scan and while the text is.
  std::string_view type() const { return type_; }

 private:
  std::string key_;
  std::string_view type_;
  std::string key_buffer_;
  std::string type_buffer_;
};

}  // namespace steady::detail
