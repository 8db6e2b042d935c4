// Compares the core's JSON readers with a complete parser on generated inputs.
//
//   texts_test [number of inputs] [seed]
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>

#include "generator.hpp"
#include "oracle.hpp"

int main(int argc, char** argv) {
  const std::uint64_t texts = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 2'000'000;
  const std::uint64_t seed =
      argc > 2 ? std::strtoull(argv[2], nullptr, 10) : std::random_device{}();
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  Generator generator(seed);
  std::uint64_t still_valid = 0;
  for (std::uint64_t i = 0; i < texts; ++i) {
    std::string text = generator.text(3);
    const bool is_mutated = i % 2 == 1;
    if (is_mutated) text = generator.mutate(text);
    const auto [is_json, what] = compare(text);
    if (is_mutated && is_json) ++still_valid;
    if (what.empty() && (is_json || is_mutated)) continue;
    std::printf("input %llu: disagreement on \"%s\": %s\n", static_cast<unsigned long long>(i),
                what.c_str(), text.c_str());
    return EXIT_FAILURE;
  }
  std::printf("%llu inputs; %llu of the mutated ones were JSON\n",
              static_cast<unsigned long long>(texts), static_cast<unsigned long long>(still_valid));
  return still_valid > texts / 20 ? EXIT_SUCCESS : EXIT_FAILURE;
}
