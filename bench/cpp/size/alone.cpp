// The game without a network.
#include "game.hpp"

void connect() {
  game().on_chat([](const std::string&) {});
}

void frame() { game().move("me", 1, 2); }
