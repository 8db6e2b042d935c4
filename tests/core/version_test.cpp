// The version that programs read.
#include "steady/version.hpp"

#include <string>

#include "catch.hpp"

static_assert(steady::version == STEADYSOCKET_VERSION);

TEST_CASE("the numbers of the version and its string are those of the CMake project") {
  const std::string numbers = std::to_string(STEADYSOCKET_VERSION_MAJOR) + '.' +
                              std::to_string(STEADYSOCKET_VERSION_MINOR) + '.' +
                              std::to_string(STEADYSOCKET_VERSION_PATCH);
  CHECK(numbers == PROJECT_VERSION);
  CHECK(steady::version == PROJECT_VERSION);
}
