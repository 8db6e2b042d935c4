#include "steady/payload.hpp"

#include <utility>

#include "catch.hpp"

using steady::MessageKind;
using steady::Payload;

namespace {
int released = 0;
}

TEST_CASE("what a handle stands for is given back exactly once") {
  released = 0;
  {
    Payload payload = Payload::external(MessageKind::text, 7, 100, [](std::uint32_t handle) {
      CHECK(handle == 7);
      ++released;
    });
    CHECK(payload.size() == 100);
    Payload moved = std::move(payload);
    payload = Payload::text("other");
    CHECK(released == 0);
    CHECK(moved.handle() == 7);
  }
  CHECK(released == 1);
}

TEST_CASE(
    "borrowed bytes are copied when they are kept, and only counted when they are forgotten") {
  char bytes[] = "abc";
  Payload kept = Payload::borrowed(MessageKind::binary, bytes);
  Payload forgotten = Payload::borrowed(MessageKind::binary, bytes);
  CHECK(kept.data() == "abc");
  kept.keep();
  forgotten.forget();
  bytes[0] = 'x';
  CHECK(kept.data() == "abc");
  CHECK(forgotten.data().empty());
  CHECK(forgotten.size() == 3);
}
