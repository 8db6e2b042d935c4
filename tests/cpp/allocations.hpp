#pragma once

#include <cstddef>

/// How often operator new was called so far, anywhere in the program.
std::size_t allocations();
