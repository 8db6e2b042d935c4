// Random lives of a Socket on a virtual clock: calls from outside and inside handlers, actions of
// servers, networks and platforms, and time. A simple model checks the invariants: Mail (mail.hpp)
// those of messages, Attempts (attempts.hpp) those of connections, and Life (life.hpp) those of
// states and of the order of events.
//
// Every life is recorded and replayed. The log of a life that violates an invariant is written to a
// file.
//
//   lives [steps] [seed]
//   lives --replay FILE
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <random>
#include <string_view>

#include "life.hpp"
#include "story.hpp"

namespace {

int replay(const char* path) {
  const std::optional<steady::testing::LifeLog> log = steady::testing::LifeLog::read(path);
  if (!log) {
    std::printf("%s is not the log of a life\n", path);
    return EXIT_FAILURE;
  }
  const std::string different = log->replay();
  std::printf("%zu inputs, different: %s\n", log->inputs(),
              different.empty() ? "none" : different.c_str());
  return different.empty() ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && std::string_view(argv[1]) == "--replay") return replay(argv[2]);
  const std::uint64_t steps = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
  const std::uint64_t seed =
      argc > 2 ? std::strtoull(argv[2], nullptr, 10) : std::random_device{}();
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  std::fflush(stdout);
  model::begin_story(seed);
  model::Random random(seed);
  std::uint64_t lives = 0;
  for (std::uint64_t done = 0; done < steps; ++lives) {
    model::begin_life(lives);
    const std::size_t length = 1 + random.below(400);
    model::Life life(random);
    life.run(length);
    done += length;
  }
  std::printf("%llu steps in %llu lives\n", static_cast<unsigned long long>(steps),
              static_cast<unsigned long long>(lives));
}
