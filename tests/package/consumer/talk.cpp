// Sends a message to the server at the given URL, prints the echo, and ends.
#include <cstdio>
#include <steady/json.hpp>
#include <steady/socket.hpp>

int main(int, char** arguments) {
  static steady::Socket socket({.url = arguments[1]});
  socket
      .on("hello",
          [](const steady::Message& message) {
            const auto json = steady::parse(message);
            std::printf("[\"hello\",%d]\n", json ? (*json)["number"].get<int>() : 0);
            socket.close();
          })
      .keep();
  socket
      .on_state_change([](const steady::StateChange& change) {
        std::printf("[\"state\",\"%s\"]\n", to_string(change.state));
      })
      .keep();
  socket.send(steady::json{{"type", "hello"}, {"number", 7}});
#ifndef __EMSCRIPTEN__
  // On the web the event loop continues after main returns.
  while (socket.state() != steady::State::closed) socket.poll();
  socket.poll();
#endif
}
