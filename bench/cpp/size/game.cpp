// A small game that uses embind, strings, containers and callbacks, as games do.
#include "game.hpp"

#include <emscripten/bind.h>
#include <emscripten/emscripten.h>

#include <cstdio>
#include <utility>

void Game::say(std::string text) {
  chat_.push_back(std::move(text));
  if (chat_handler_) chat_handler_(chat_.back());
}

void Game::move(const std::string& player, double x, double y) {
  positions_[player] = {x, y};
  std::printf("%s is at %.1f %.1f\n", player.c_str(), x, y);
}

Game& game() {
  static Game the_game;
  return the_game;
}

namespace {

void say(std::string text) { game().say(std::move(text)); }
void move(const std::string& player, double x, double y) { game().move(player, x, y); }
std::vector<std::string> chat() { return game().chat(); }

}  // namespace

EMSCRIPTEN_BINDINGS(game) {
  emscripten::register_vector<std::string>("Texts");
  emscripten::function("say", &say);
  emscripten::function("move", &move);
  emscripten::function("chat", &chat);
}

int main() {
  connect();
  emscripten_set_main_loop(frame, 0, false);
}
