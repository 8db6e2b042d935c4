#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace steady::detail {

class JsonReader;

/// Finds the string that a JSON text is routed by, without parsing the rest. The first of duplicate
/// members applies. Reuses its memory.
class TypeScanner {
 public:
  /// `member`: see Options::type_member. Must be valid: see is_routing_member.
  explicit TypeScanner(std::string_view member);

  enum class Result : std::uint8_t {
    found,    ///< See type().
    absent,   ///< There is no such string, or the text is malformed before it.
    cut_off,  ///< The text ends before it.
  };
  /// Scans a text message, or its beginning.
  Result scan(std::string_view text);

  /// Returns the string, unescaped, in UTF-8. Valid until the next scan, while the text is valid.
  std::string_view type() const { return type_; }

 private:
  /// Moves to the value that `token` identifies in the container at the current position.
  bool enter(JsonReader& reader, const std::string& token);
  bool enter_object(JsonReader& reader, const std::string& key);
  static bool enter_array(JsonReader& reader, const std::string& index);

  /// Reference tokens, from the top level on.
  std::vector<std::string> path_;
  bool is_pointer_;
  std::string_view type_;
  std::string key_buffer_;
  std::string type_buffer_;
};

}  // namespace steady::detail
