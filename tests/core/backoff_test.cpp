#include "../../sdk/kernel/reconnect_policy.hpp"

#include "catch.hpp"
#include "steady/testing/manual_runtime.hpp"

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using steady::CloseAction;
using steady::kernel::ReconnectPolicy;
using steady::kernel::Settings;

namespace {

/// The delays of one client, one for each failed attempt.
struct Backoff {
  explicit Backoff(const Settings& settings) : policy(settings) {}

  milliseconds next(double random) {
    const auto retry = policy.next(CloseAction::retry, -1, false, 0, random);
    return milliseconds(static_cast<std::int64_t>(retry ? retry->delay : -1));
  }

  ReconnectPolicy policy;
};

}  // namespace

TEST_CASE("the upper bound of the delay doubles from the initial delay to the maximum") {
  const Settings options{};
  Backoff backoff{options};
  const double almost_one = 0.9999999;
  CHECK(backoff.next(almost_one) == 999ms);
  CHECK(backoff.next(almost_one) == 1999ms);
  CHECK(backoff.next(almost_one) == 3999ms);
  CHECK(backoff.next(almost_one) == 4999ms);
  CHECK(backoff.next(almost_one) == 4999ms);
}

TEST_CASE("the first delay is drawn from zero up, later ones from a third of the upper bound") {
  const Settings options{};
  Backoff backoff{options};
  CHECK(backoff.next(0) == 0ms);
  CHECK(backoff.next(0) == 666ms);
  CHECK(backoff.next(0) == 1'333ms);
  CHECK(backoff.next(0) == 1'666ms);
  CHECK(backoff.next(0) == 1'666ms);
  CHECK(backoff.next(0.5) == 3'333ms);
  backoff.policy.reset(0);
  CHECK(backoff.next(0) == 0ms);
  CHECK(backoff.next(0.5) == 1'333ms);
}

TEST_CASE("the delay does not overflow after any number of attempts") {
  const Settings options{.reconnect_factor = 1e300};
  Backoff backoff{options};
  for (int i = 0; i < 100'000; ++i) {
    const auto delay = backoff.next(0.9999999);
    REQUIRE(delay >= 0ms);
    REQUIRE(delay < 5'000ms);
  }
}

TEST_CASE("attempts are limited, and counted from zero after a reset") {
  const Settings options{.reconnect_max_attempts = 2};
  Backoff backoff{options};
  CHECK(backoff.next(0.5) >= 0ms);
  CHECK(backoff.next(0.5) >= 0ms);
  CHECK(backoff.next(0.5) == -1ms);
  CHECK(backoff.policy.reason() == steady::kernel::TextId::attempts_used_up);
  CHECK(backoff.policy.retries() == 2);
  backoff.policy.reset(0);
  CHECK(backoff.next(0.5) == 500ms);
}

TEST_CASE("no retry is allowed if the maximum is zero") {
  const Settings options{.reconnect_max_attempts = 0};
  CHECK(Backoff{options}.next(0.5) == -1ms);
}

TEST_CASE("the first delays of many clients are uniformly distributed over a second") {
  const std::uint64_t seed = 42;
  INFO("seed " << seed);
  steady::testing::ManualRuntime runtime(seed);
  int per_tenth[10] = {};
  for (int i = 0; i < 10'000; ++i) {
    const Settings options{};
    Backoff backoff{options};
    ++per_tenth[backoff.next(runtime.random()).count() / 100];
  }
  for (const int count : per_tenth) {
    CHECK(count > 850);
    CHECK(count < 1'150);
  }
}
