#pragma once

#include <cstddef>

#include "arithmetic.hpp"
#include "message.hpp"
#include "settings.hpp"

namespace steady::kernel {

/// Messages sent in one frame.
struct Frame {
  std::size_t messages = 0;
  /// At most, on the wire: the messages, an opening bracket, and a comma or the closing bracket for
  /// each.
  double bytes = 1;
};

/// The frame that begins with a message that may travel in a batch: see BatchOptions. `max_bytes`:
/// a further limit of its bytes.
inline Frame next_frame(const Message* first, const Settings& settings, double max_bytes) {
  max_bytes = smaller(settings.batch_max_bytes, max_bytes);
  Frame frame;
  for (const Message* m = first; m != nullptr; m = m->next) {
    const bool fits = static_cast<double>(frame.messages) < settings.batch_max_messages &&
                      frame.bytes + m->size + 1 <= max_bytes;
    const bool joins = fits && m->has(is_json) && m->has(is_external) == first->has(is_external);
    // A message that is larger than a frame goes alone.
    if (frame.messages > 0 && !joins) break;
    ++frame.messages;
    frame.bytes += m->size + 1;
  }
  return frame;
}

}  // namespace steady::kernel
