#pragma once

#include <cstddef>

/// Number of calls of operator new so far, anywhere in the program.
std::size_t allocations();
/// Number of allocations that are not freed yet.
std::size_t live_allocations();
/// Number of calls of realloc so far, by statically linked code.
std::size_t reallocations();
