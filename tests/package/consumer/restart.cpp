// Sends a message to the server at the given URL, and a second one once that is away; prints the
// echoes, and ends with the second.
#include <chrono>
#include <cstdio>
#include <steady/socket.hpp>
#include <steady/version.hpp>
#include <utility>

int main(int, char** arguments) {
  using namespace std::chrono_literals;
  static steady::Socket socket({.url = arguments[1], .reconnect = {.initial_delay = 50ms}});
  socket.on("first", [](const steady::Message&) { std::printf("[\"echo\",\"first\"]\n"); }).keep();
  socket
      .on("second",
          [](const steady::Message&) {
            std::printf("[\"echo\",\"second\"]\n");
            socket.close();
          })
      .keep();
  socket
      .on_state_change([](const steady::StateChange& change) {
        static bool has_sent = false;
        std::printf("[\"state\",\"%s\"]\n", to_string(change.state));
        if (change.state == steady::State::waiting && !std::exchange(has_sent, true)) {
          socket.send(R"({"type":"second"})");
        }
      })
      .keep();
  std::printf("[\"version\",\"%s\"]\n", STEADYSOCKET_VERSION);
  socket.send(R"({"type":"first"})");
}
