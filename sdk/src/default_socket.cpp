// Alone in its file: a program that brings its own Runtime does not need a default one to link.
#include <utility>

#include "steady/runtime.hpp"
#include "steady/socket.hpp"

namespace steady {

Socket::Socket(Options options) : Socket(std::move(options), make_default_runtime()) {}

}  // namespace steady
