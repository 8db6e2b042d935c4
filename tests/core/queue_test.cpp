#include "../../sdk/kernel/queue.hpp"

#include <memory>
#include <vector>

#include "catch.hpp"

using steady::kernel::Message;
using steady::kernel::Queue;
using steady::kernel::Settings;

namespace {

/// Messages owned by the test.
struct Messages {
  Message* make(std::uint32_t id, double size, std::uint32_t flags = 0) {
    all.push_back(
        std::make_unique<Message>(Message{.id = id, .handle = id, .flags = flags, .size = size}));
    return all.back().get();
  }
  std::vector<std::unique_ptr<Message>> all;
};

}  // namespace

TEST_CASE("a queue is first in, first out") {
  const Settings settings;
  Messages messages;
  Queue queue{settings};
  queue.push(messages.make(1, 1));
  queue.push(messages.make(2, 2));
  CHECK(queue.size() == 2);
  CHECK(queue.bytes() == 3);
  CHECK(queue.first()->id == 1);
  CHECK(queue.take(queue.first())->id == 1);
  CHECK(queue.take(queue.first())->id == 2);
  CHECK(queue.empty());
  CHECK(queue.bytes() == 0);
}

TEST_CASE("messages of high priority precede the others, each priority in its order") {
  using steady::kernel::high_priority;
  const Settings settings;
  Messages messages;
  Queue queue{settings};
  queue.push(messages.make(3, 1));
  queue.push(messages.make(1, 1, high_priority));
  queue.push(messages.make(4, 1));
  queue.push(messages.make(2, 1, high_priority));
  queue.push_front(messages.make(0, 1, high_priority));
  Message* const replaced = queue.find(3);
  queue.replace(replaced, messages.make(5, 1));
  queue.push_front(messages.make(6, 1));
  std::vector<std::uint32_t> order;
  while (!queue.empty()) order.push_back(queue.take(queue.first())->id);
  CHECK(order == std::vector<std::uint32_t>{0, 1, 2, 6, 5, 4});
}

TEST_CASE("a queue is limited in messages") {
  const Settings settings{.queue_max_messages = 1};
  Messages messages;
  Queue queue{settings};
  CHECK(queue.fits(1));
  queue.push(messages.make(1, 1));
  CHECK_FALSE(queue.fits(0));
}

TEST_CASE("a queue is limited in bytes") {
  const Settings settings{.queue_max_bytes = 4};
  Messages messages;
  Queue queue{settings};
  CHECK(queue.fits(4));
  CHECK_FALSE(queue.fits(5));
  queue.push(messages.make(1, 3));
  CHECK(queue.fits(1));
  CHECK_FALSE(queue.fits(2));
}

TEST_CASE("a queue of size zero accepts no message") {
  const Settings no_messages{.queue_max_messages = 0};
  CHECK_FALSE(Queue{no_messages}.fits(0));
  const Settings no_bytes{.queue_max_bytes = 0};
  CHECK(Queue{no_bytes}.fits(0));
  CHECK_FALSE(Queue{no_bytes}.fits(1));
}
