// Random lives of a Socket on a virtual clock: what users call, from outside and from inside
// handlers, what servers, networks and platforms do, and time. A simple model says what must hold
// all the while: Mail (mail.hpp) of messages, Attempts (attempts.hpp) of connections, Life
// (life.hpp) of states and of who is called when.
//
// Every life is recorded and replayed. One in which something does not hold is written to a file.
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
