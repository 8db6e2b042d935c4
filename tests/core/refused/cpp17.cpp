// Must not compile as C++17.
#include "steady/json.hpp"
#include "steady/socket.hpp"

void send(steady::Socket& socket) { socket.send("hello"); }
