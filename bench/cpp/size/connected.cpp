// The game on steadysocket, with the features that a game uses.
#include <chrono>
#include <steady/socket.hpp>

#include "game.hpp"

namespace {

using namespace std::chrono_literals;

steady::Socket& socket() {
  static steady::Socket the_socket(
      {.url = "wss://example.org/game",
       .heartbeat = steady::HeartbeatOptions{.interval = 5s},
       .dispatch = steady::Dispatch::queued,
       .inbound = {.overflow = steady::InboundOverflow::drop_oldest, .conflate = {"state"}}});
  return the_socket;
}

}  // namespace

void connect() {
  socket()
      .on("chat", [](const steady::Message& message) { game().say(std::string(message.data)); })
      .keep();
  socket()
      .on("state",
          [](const steady::Message& message) {
            game().move("other", static_cast<double>(message.data.size()), 0);
          })
      .keep();
  socket()
      .on_state_change(
          [](const steady::StateChange& change) { game().say(to_string(change.state)); })
      .keep();
  game().on_chat([](const std::string& text) { socket().send(text); });
}

void frame() {
  socket().poll();
  game().move("me", 1, 2);
  socket().send(R"({"type":"input","x":1})", {.key = "input"});
}
