// Programs of the guides, and programs that the compiler must reject.
#include "programs.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <string>

#include "catch.hpp"

namespace {

/// Returns whether a program of this folder succeeds.
bool passes(const std::string& program) {
  return std::system(("'" PROGRAMS + program + "'").c_str()) == 0;
}

/// The compiler's errors for a file of refused/, with another option of the compiler.
std::string error_of(const std::string& file, const std::string& option = "") {
  const std::string command = COMPILER " " + option + " '" REFUSED + file + "' 2>&1";
  std::FILE* const compiler = popen(command.c_str(), "r");
  REQUIRE(compiler != nullptr);
  std::string printed;
  std::array<char, 4096> part{};
  while (std::fgets(part.data(), part.size(), compiler) != nullptr) printed += part.data();
  CHECK(pclose(compiler) != 0);
  return printed;
}

/// Returns whether a static_assert with this in its message failed.
bool has_failed_assertion(const std::string& printed, const char* message) {
  std::istringstream lines(printed);
  for (std::string line; std::getline(lines, line);) {
    const auto at = line.find("error: static");
    if (at != std::string::npos && line.find(message, at) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("the first program of docs/guides/cpp-testing.md passes") {
  CHECK(passes("guide_example"));
}

TEST_CASE("the recording program of docs/guides/cpp-testing.md passes") {
  CHECK(passes("guide_replay_example"));
}

TEST_CASE("the program of docs/guides/cpp-json.md passes") { CHECK(passes("guide_json_example")); }

TEST_CASE("the program of docs/guides/cpp-coroutines.md passes") {
  CHECK(passes("guide_coroutine_example"));
}

TEST_CASE("the program of docs/guides/cpp-connection.md passes") {
  CHECK(passes("guide_policy_example"));
}
TEST_CASE("the program of docs/guides/cpp-sessions.md passes") {
  CHECK(passes("guide_session_example"));
}

TEST_CASE("steady/json.hpp works without exceptions and RTTI") {
  CHECK(passes("json_without_exceptions"));
}

TEST_CASE("a value without a codec is a compile error that names the header to include") {
  const std::string error = error_of("no_codec.cpp");
  INFO(error);
  CHECK(has_failed_assertion(error, "<steady/json.hpp>"));
}

TEST_CASE("bytes that may be text are a compile error that names the functions to send them") {
  const std::string error = error_of("chars.cpp");
  INFO(error);
  CHECK(has_failed_assertion(error, "std::as_bytes"));
}

TEST_CASE("a from_json that throws is a compile error without exceptions") {
  const std::string error = error_of("throwing_from_json.cpp");
  INFO(error);
  CHECK(has_failed_assertion(error, "bool from_json"));
}

TEST_CASE("the first error of a program compiled as C++17 is that the library needs C++20") {
  const std::string error = error_of("cpp17.cpp", "-std=c++17");
  INFO(error);
  const auto first = error.find("error: ");
  REQUIRE(first != std::string::npos);
  CHECK(error.substr(first, error.find('\n', first) - first).find("steadysocket needs C++20") !=
        std::string::npos);
}
