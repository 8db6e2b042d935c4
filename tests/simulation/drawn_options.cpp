#include "drawn_options.hpp"

#include <chrono>

namespace model {

using namespace std::chrono_literals;
using steady::CloseAction;

namespace {

void draw_reconnect(Random& random, steady::ReconnectOptions& reconnect) {
  reconnect.initial_delay = 100ms;
  reconnect.max_delay = 1s;
  reconnect.later_min = 500ms;
  reconnect.later_max = 2s;
  reconnect.stable_after = random.pick({0ms, 200ms});
  if (random.one_in(4)) reconnect.max_attempts = random.pick({0U, 1U, 3U});
  if (random.one_in(4)) reconnect.max_elapsed = 5s;
  switch (random.below(6)) {
    case 0:
      reconnect.rules = {{1011, 1011, CloseAction::later}};
      break;
    case 1:
      reconnect.rules = {{4000, 4999, CloseAction::retry}, {1001, 1001, CloseAction::fatal}};
      break;
    case 2:
      reconnect.rules = {{0, 65535, CloseAction::at_once}};
      break;
    default:
      break;
  }
}

void draw_queue(Random& random, steady::Options& options) {
  options.queue.max_messages = 1 + random.below(12);
  options.queue.max_bytes = random.pick<std::size_t>({40, 100, 1'000});
  options.queue.overflow = random.pick(
      {steady::Overflow::reject, steady::Overflow::drop_oldest, steady::Overflow::drop_newest});
  options.queue.unconfirmed =
      random.pick({steady::Unconfirmed::report, steady::Unconfirmed::requeue});
  options.high_water_mark = random.pick<std::size_t>({1, 30, 1'000});
  if (random.one_in(3)) options.low_water_mark = random.below(options.high_water_mark);
}

}  // namespace

steady::Options draw_options(Random& random) {
  steady::Options options;
  options.url = "ws://host";
  draw_reconnect(random, options.reconnect);
  draw_queue(random, options);
  options.connect_timeout = 300ms;
  options.close_timeout = 200ms;
  if (random.one_in(3)) {
    options.start = random.pick({steady::Start::on_connect, steady::Start::suspended});
  }
  if (random.one_in(2)) options.first_message = first_message;
  if (random.one_in(2)) {
    options.batch = steady::BatchOptions{};
    options.batch->max_messages = 1 + random.below(5);
    options.batch->max_bytes = 10 + random.below(60);
  }
  if (random.one_in(2)) {
    options.heartbeat = steady::HeartbeatOptions{};
    options.heartbeat->interval = 400ms;
    options.heartbeat->timeout = 100ms;
    options.heartbeat->message = ping;
    if (random.one_in(2)) options.heartbeat->reply = pong;
  }
  return options;
}

}  // namespace model
