#include "send_queue.hpp"

#include "catch.hpp"

using steady::MessageKind;
using steady::Payload;
using steady::QueueOptions;
using steady::detail::SendQueue;

TEST_CASE("a queue gives back what it was given, in order") {
  SendQueue queue{QueueOptions{}};
  queue.push({1, Payload::text("a")});
  queue.push({2, Payload::text("bc")});
  CHECK(queue.size() == 2);
  CHECK(queue.bytes() == 3);
  CHECK(queue.entries().front().id == 1);
  CHECK(queue.pop().payload.data() == "a");
  CHECK(queue.pop().id == 2);
  CHECK(queue.empty());
  CHECK(queue.bytes() == 0);
}

TEST_CASE("a queue is bounded in messages") {
  SendQueue queue{QueueOptions{.max_messages = 1}};
  CHECK(queue.fits(1));
  queue.push({1, Payload::text("a")});
  CHECK_FALSE(queue.fits(0));
}

TEST_CASE("a queue is bounded in bytes") {
  SendQueue queue{QueueOptions{.max_bytes = 4}};
  CHECK(queue.fits(4));
  CHECK_FALSE(queue.fits(5));
  queue.push({1, Payload::text("abc")});
  CHECK(queue.fits(1));
  CHECK_FALSE(queue.fits(2));
}

TEST_CASE("a queue of zero takes nothing") {
  CHECK_FALSE(SendQueue{QueueOptions{.max_messages = 0}}.fits(0));
  SendQueue no_bytes{QueueOptions{.max_bytes = 0}};
  CHECK(no_bytes.fits(0));
  CHECK_FALSE(no_bytes.fits(1));
}

namespace {
int released = 0;
}

TEST_CASE("what a handle stands for is given back exactly once") {
  released = 0;
  {
    SendQueue queue{QueueOptions{}};
    queue.push({1, Payload::external(MessageKind::text, 7, 100, [](std::uint32_t handle) {
                  CHECK(handle == 7);
                  ++released;
                })});
    CHECK(queue.bytes() == 100);
    auto entry = queue.pop();
    Payload moved = std::move(entry.payload);
    entry.payload = Payload::text("other");
    CHECK(released == 0);
    CHECK(moved.handle() == 7);
  }
  CHECK(released == 1);
}
