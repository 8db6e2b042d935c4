#include "batch_reader.hpp"

#include "json_reader.hpp"

namespace steady::detail {

BatchReader::BatchReader(std::string_view text) : text_(text), done_(false) {
  JsonReader reader(text_);
  reader.skip_space();
  malformed_ = !reader.take('[');
  reader.skip_space();
  // Only an empty array may end before an element.
  take_end(reader);
  at_ = reader.position();
}

bool BatchReader::next(std::string_view& element) {
  if (done_ || malformed_) return false;
  JsonReader reader(text_, at_);
  reader.skip_space();
  const std::size_t begin = reader.position();
  if (!reader.skip_value()) {
    malformed_ = true;
    return false;
  }
  element = text_.substr(begin, reader.position() - begin);
  reader.skip_space();
  if (!take_end(reader)) malformed_ = !reader.take(',');
  at_ = reader.position();
  return true;
}

bool BatchReader::take_end(JsonReader& reader) {
  if (!reader.take(']')) return false;
  done_ = true;
  reader.skip_space();
  malformed_ = !reader.at_end();
  return true;
}

}  // namespace steady::detail
