// Must not compile: steady/json.hpp, with the codec, is not included.
#include <nlohmann/json.hpp>

#include "steady/socket.hpp"

void send(steady::Socket& socket) { socket.send(nlohmann::json(1)); }
