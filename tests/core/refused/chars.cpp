// Must not compile: chars may be text or bytes.
#include <vector>

#include "steady/socket.hpp"

void send(steady::Socket& socket) { socket.send(std::vector<char>(3)); }
