#include <chrono>
#include <cstddef>
#include <limits>

#include "catch.hpp"
#include "settings_of.gen.hpp"
#include "steady/options.hpp"
#include "validate.hpp"

using namespace std::chrono_literals;
using steady::Options;
using steady::detail::settings_of;
using steady::kernel::Settings;

TEST_CASE("the defaults of Options are those of the kernel's settings") {
  CHECK(settings_of(Options{}) == Settings{});
  Options options;
  options.batch.emplace();
  options.heartbeat.emplace();
  CHECK(settings_of(options) == Settings{});
}

TEST_CASE("options of every type are converted to the kernel's settings") {
  Options options;
  options.reconnect.initial_delay = 5ms;
  options.reconnect.factor = 1.5;
  options.reconnect.max_attempts = 3;
  options.reconnect.max_elapsed = 1h;
  options.queue.overflow = steady::Overflow::drop_newest;
  options.queue.max_bytes = std::numeric_limits<std::size_t>::max();
  options.batch.emplace().max_messages = 8;
  options.heartbeat.emplace().timeout = 2s;
  options.low_water_mark = 0;

  Settings expected;
  expected.reconnect_initial_delay = 5;
  expected.reconnect_factor = 1.5;
  expected.reconnect_max_attempts = 3;
  expected.reconnect_max_elapsed = 3'600'000;
  expected.queue_overflow = 2;
  expected.queue_max_bytes = std::numeric_limits<double>::infinity();
  expected.batch_max_messages = 8;
  expected.heartbeat_timeout = 2'000;
  expected.low_water_mark = 0;
  CHECK(settings_of(options) == expected);
}

TEST_CASE("an option out of its range is rejected with an error that gives the range") {
  const auto refused = [](auto change, const char* message) {
    Options options;
    options.url = "ws://host";
    change(options);
    CHECK(validate(options).message == message);
  };
  refused([](Options& o) { o.reconnect.max_delay = 999ms; },
          "reconnect.max_delay must be between reconnect.initial_delay and one day");
  refused([](Options& o) { o.reconnect.factor = 0.5; },
          "reconnect.factor must be 1 or more, and finite");
  refused([](Options& o) { o.reconnect.max_elapsed = 0ms; },
          "reconnect.max_elapsed must be more than 0");
  refused([](Options& o) { o.reconnect.later_min = 1min; },
          "reconnect.later_max must be between reconnect.later_min and one day");
  refused([](Options& o) { o.heartbeat.emplace().timeout = 25h; },
          "heartbeat.timeout must be more than 0 and at most one day");
  refused([](Options& o) { o.low_water_mark = o.high_water_mark; },
          "low_water_mark must be at least 0 and below high_water_mark");
  refused([](Options&) {}, "");
}
