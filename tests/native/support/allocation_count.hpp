#pragma once

#include <cstddef>

/// Number of allocations so far, by operator new and realloc (used by InboundBuffer), on all
/// threads that are counted.
std::size_t allocation_count();
/// Excludes the calling thread from the count. For threads of a Server.
void do_not_count_this_thread();
