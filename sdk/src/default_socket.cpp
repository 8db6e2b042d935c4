// In a file of its own, so that a program with its own Runtime links without
// make_default_runtime().
#include <utility>

#include "steady/runtime.hpp"
#include "steady/socket.hpp"

namespace steady {

Socket::Socket(Options options) : Socket(std::move(options), make_default_runtime()) {}

}  // namespace steady
