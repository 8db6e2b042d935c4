#include <span>
#include <string>

#include "batch_reader.hpp"
#include "steady/payload.hpp"

namespace steady::detail {

Payload join_texts(std::span<const Payload* const> texts) {
  if (texts.size() == 1 && !BatchReader::is_batch(texts.front()->data())) {
    return Payload::text(texts.front()->data());
  }
  std::size_t size = 2;
  for (const Payload* const text : texts) size += text->size() + 1;
  std::string all;
  all.reserve(size);
  for (const Payload* const text : texts) {
    all += all.empty() ? "[" : ",";
    all += text->data();
  }
  all += "]";
  return Payload::json(std::move(all));
}

}  // namespace steady::detail
