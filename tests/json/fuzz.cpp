// For libFuzzer, which searches for inputs that the core's JSON readers and a complete parser read
// differently: npm run fuzz.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "oracle.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string what = compare({reinterpret_cast<const char*>(data), size}).disagreement;
  if (what.empty()) return 0;
  std::fprintf(stderr, "disagreement on %s\n", what.c_str());
  std::abort();
}
