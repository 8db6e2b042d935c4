// Random lives of a Socket with a session on a virtual clock, against a model of its server and the
// links to it (session_server.hpp). Then the same with servers that each break one rule, which must
// be detected.
//
//   session_lives [steps] [seed]
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "session_life.hpp"

namespace {

/// Returns the number of steps until an expectation failed, or all.
std::uint64_t live(model::Random& random, model::Witness& witness, std::uint64_t steps) {
  std::uint64_t done = 0;
  for (std::uint64_t lives = 0; done < steps && witness.found() == nullptr; ++lives) {
    model::begin_life(lives);
    const std::size_t length = 1 + random.below(400);
    model::SessionLife life(random, witness);
    life.run(length);
    done += length;
  }
  return done;
}

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t steps = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 200'000;
  const std::uint64_t seed =
      argc > 2 ? std::strtoull(argv[2], nullptr, 10) : std::random_device{}();
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  std::fflush(stdout);
  model::begin_story(seed);
  model::Random random(seed);
  model::Witness correct(model::Fault::none);
  std::printf("%llu steps\n", static_cast<unsigned long long>(live(random, correct, steps)));
  bool all_found = true;
  for (int fault = 1; fault < static_cast<int>(model::Fault::count); ++fault) {
    model::Witness witness(static_cast<model::Fault>(fault));
    const std::uint64_t done = live(random, witness, 10 * steps);
    const bool is_found = witness.found() != nullptr;
    all_found &= is_found;
    std::printf("%s: %s after %llu steps\n", to_string(witness.fault()),
                is_found ? witness.found() : "NOT FOUND", static_cast<unsigned long long>(done));
    std::fflush(stdout);
  }
  return all_found ? EXIT_SUCCESS : EXIT_FAILURE;
}
