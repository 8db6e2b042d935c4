// The game in a page: JavaScript provides the player and the direction, and draws the visible
// content.
#include <emscripten/em_js.h>
#include <emscripten/emscripten.h>

#include <memory>
#include <steady/js/shared_socket.hpp>
#include <vector>

#include "client.hpp"

namespace {

/// Passes a frame to the page's draw.js: numbers in the program's memory, valid until the call
/// returns. No exception passes through WebAssembly.
EM_JS(void, game_draw, (const float* numbers, int length), {
  try {
    Module["draw"](HEAPF32.subarray(numbers >> 2, (numbers >> 2) + length));
  } catch (error) {
    console.error(error);
  }
});

/// The page's game. JavaScript attaches to its socket by the name "game".
struct Game {
  Game(const char* url, const game::Join& join)
      : shared("game", game::make_options(url, join)), client(shared.socket()) {}

  steady::js::SharedSocket shared;
  game::Client client;
  /// Reused for every frame.
  std::vector<float> numbers = {};
};

std::unique_ptr<Game> running;

void put(std::vector<float>& numbers, const game::Scene& scene) {
  numbers.clear();
  numbers.push_back(scene.me ? static_cast<float>(*scene.me) : -1);
  numbers.push_back(static_cast<float>(scene.players.size()));
  numbers.push_back(static_cast<float>(scene.dots.size()));
  for (const game::PlayerState& player : scene.players) {
    numbers.insert(numbers.end(), {static_cast<float>(player.id), player.at.x, player.at.y,
                                   static_cast<float>(player.colour), player.is_away ? 1.0F : 0});
  }
  for (const game::Point dot : scene.dots) numbers.insert(numbers.end(), {dot.x, dot.y});
}

void frame() {
  running->client.frame(emscripten_get_now());
  put(running->numbers, running->client.scene());
  game_draw(running->numbers.data(), static_cast<int>(running->numbers.size()));
}

}  // namespace

extern "C" {

/// Starts the game. Called once.
EMSCRIPTEN_KEEPALIVE void game_start(const char* url, const char* name, const char* key) {
  if (running != nullptr) return;
  running = std::make_unique<Game>(url, game::Join{name, key});
  // Once per repaint; not at all while the page is hidden.
  emscripten_set_main_loop(frame, 0, false);
}

EMSCRIPTEN_KEEPALIVE void game_steer(float dx, float dy) {
  if (running != nullptr) running->client.steer({dx, dy});
}

EMSCRIPTEN_KEEPALIVE void game_stop() {
  if (running != nullptr) running->client.stop();
}

/// Dispatches received messages without a frame, so that they are acknowledged.
EMSCRIPTEN_KEEPALIVE void game_poll() {
  if (running != nullptr) running->client.frame(emscripten_get_now());
}

/// Received messages that wait for the next frame.
EMSCRIPTEN_KEEPALIVE int game_waiting() {
  return running == nullptr ? 0 : static_cast<int>(running->shared.socket().inbound_messages());
}
}
