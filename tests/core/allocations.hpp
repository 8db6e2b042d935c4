#pragma once

#include <cstddef>

/// How often operator new was called so far, anywhere in the program.
std::size_t allocations();
/// Those that were not freed yet.
std::size_t live_allocations();
/// How often realloc was called so far, by what is linked into the program statically.
std::size_t reallocations();
