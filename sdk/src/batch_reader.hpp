#pragma once

#include <cstddef>
#include <string_view>

namespace steady::detail {

class JsonReader;

/// Takes a JSON array apart into the texts of its elements.
class BatchReader {
 public:
  BatchReader() = default;
  /// `text` must outlive it.
  explicit BatchReader(std::string_view text);

  /// True if `text` begins as an array does: otherwise it is a message of its own.
  static bool is_batch(std::string_view text) {
    for (const char c : text) {
      if (c != ' ' && c != '\t' && c != '\n' && c != '\r') return c == '[';
    }
    return false;
  }

  /// The next element, or false: there is none left, or the text is malformed from here on.
  bool next(std::string_view& element);
  bool is_malformed() const { return malformed_; }

 private:
  /// The closing bracket, behind which only white space may follow. False if it is not there.
  bool take_end(JsonReader& reader);

  std::string_view text_;
  std::size_t at_ = 0;
  bool done_ = true;
  bool malformed_ = false;
};

}  // namespace steady::detail
