// Must not compile: whether chars are text or bytes has to be said.
#include <vector>

#include "steady/socket.hpp"

void send(steady::Socket& socket) { socket.send(std::vector<char>(3)); }
