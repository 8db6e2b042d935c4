// Must not compile: the header that makes json travel is missing.
#include <nlohmann/json.hpp>

#include "steady/socket.hpp"

void send(steady::Socket& socket) { socket.send(nlohmann::json(1)); }
