#include "backoff.hpp"

#include "catch.hpp"
#include "steady/testing/manual_runtime.hpp"

using namespace std::chrono_literals;
using steady::ReconnectOptions;
using steady::detail::Backoff;

TEST_CASE("the upper end of the delay doubles from the initial delay to the maximum") {
  const ReconnectOptions options{};
  Backoff backoff{options};
  const double almost_one = 0.9999999;
  CHECK(backoff.next(almost_one) == 999ms);
  CHECK(backoff.next(almost_one) == 1999ms);
  CHECK(backoff.next(almost_one) == 3999ms);
  CHECK(backoff.next(almost_one) == 7999ms);
  CHECK(backoff.next(almost_one) == 9999ms);
  CHECK(backoff.next(almost_one) == 9999ms);
}

TEST_CASE("the jitter is full: a delay can be anything from zero to the upper end") {
  const ReconnectOptions options{};
  Backoff backoff{options};
  CHECK(backoff.next(0) == 0ms);
  CHECK(backoff.next(0.5) == 1000ms);
  CHECK(backoff.next(0.25) == 1000ms);
}

TEST_CASE("the delay never overflows, however many attempts there were") {
  const ReconnectOptions options{.factor = 1e300};
  Backoff backoff{options};
  for (int i = 0; i < 100'000; ++i) {
    const auto delay = backoff.next(0.9999999);
    REQUIRE(delay >= 0ms);
    REQUIRE(delay < 10'000ms);
  }
}

TEST_CASE("attempts are counted until reset, and limited") {
  const ReconnectOptions options{.max_attempts = 2};
  Backoff backoff{options};
  CHECK(backoff.may_retry());
  backoff.next(0.5);
  CHECK(backoff.may_retry());
  backoff.next(0.5);
  CHECK_FALSE(backoff.may_retry());
  CHECK(backoff.attempts() == 2);
  backoff.reset();
  CHECK(backoff.may_retry());
  CHECK(backoff.next(0.5) == 500ms);
}

TEST_CASE("no attempt is allowed where the maximum is zero") {
  const ReconnectOptions options{.max_attempts = 0};
  CHECK_FALSE(Backoff{options}.may_retry());
}

TEST_CASE("the delays of many clients are spread evenly over the first second") {
  const std::uint64_t seed = 42;
  INFO("seed " << seed);
  steady::testing::ManualRuntime runtime(seed);
  int per_tenth[10] = {};
  for (int i = 0; i < 10'000; ++i) {
    const ReconnectOptions options{};
    Backoff backoff{options};
    ++per_tenth[backoff.next(runtime.random()).count() / 100];
  }
  for (const int count : per_tenth) {
    CHECK(count > 850);
    CHECK(count < 1'150);
  }
}
