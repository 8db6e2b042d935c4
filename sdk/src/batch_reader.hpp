#pragma once

#include <cstddef>
#include <string_view>

namespace steady::detail {

class JsonReader;

/// Splits the text of a JSON array into the texts of its elements.
class BatchReader {
 public:
  BatchReader() = default;
  /// `text` must outlive it.
  explicit BatchReader(std::string_view text);

  /// Returns true if `text` begins like an array; otherwise it is a single message.
  static bool is_batch(std::string_view text) {
    for (const char c : text) {
      if (c != ' ' && c != '\t' && c != '\n' && c != '\r') return c == '[';
    }
    return false;
  }

  /// Returns the next element. Returns false at the end, or if the rest is malformed.
  bool next(std::string_view& element);
  bool is_malformed() const { return malformed_; }

 private:
  /// Consumes the closing bracket, after which only white space may follow. Returns false if it is
  /// not there.
  bool take_end(JsonReader& reader);

  std::string_view text_;
  std::size_t at_ = 0;
  bool done_ = true;
  bool malformed_ = false;
};

}  // namespace steady::detail
