#pragma once

#include <cstddef>

/// How often memory was taken so far, by operator new or for an InboundBuffer, by threads that are
/// not a server's.
std::size_t allocation_count();
/// What this thread takes is not counted.
void do_not_count_this_thread();
