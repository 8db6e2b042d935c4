// The game in a page: JavaScript provides the player and the direction, and draws the visible
// content.
#include <emscripten/em_js.h>
#include <emscripten/emscripten.h>

#include <memory>
#include <steady/js/shared_socket.hpp>
#include <vector>

#include "autopilot.hpp"
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

/// A number that is not there.
constexpr float none = -1;

void put_round(std::vector<float>& numbers, const game::Client& client) {
  const auto& round = client.round();
  const auto remaining = client.remaining();
  numbers.insert(numbers.end(), {round ? static_cast<float>(round->number) : none,
                                 round && round->is_over ? 1.0F : 0,
                                 remaining ? static_cast<float>(*remaining) : none,
                                 round ? static_cast<float>(round->target) : none});
}

/// The layout is that of page/scene.js.
void put(std::vector<float>& numbers, game::Client& client) {
  const game::Scene scene = client.scene();
  const game::Point confirmed = scene.confirmed.value_or(game::Point{none, none});
  numbers.clear();
  numbers.insert(numbers.end(),
                 {scene.me ? static_cast<float>(*scene.me) : none, confirmed.x, confirmed.y});
  put_round(numbers, client);
  numbers.push_back(static_cast<float>(scene.players.size()));
  numbers.push_back(static_cast<float>(scene.dots.size()));
  for (const game::PlayerState& player : scene.players) {
    numbers.insert(numbers.end(), {static_cast<float>(player.id), player.at.x, player.at.y,
                                   static_cast<float>(player.colour), player.is_away ? 1.0F : 0,
                                   static_cast<float>(player.score)});
  }
  for (const game::Point dot : scene.dots) numbers.insert(numbers.end(), {dot.x, dot.y});
}

void steer_to_dots(float strength) {
  const game::Scene scene = running->client.scene();
  for (const game::PlayerState& player : scene.players) {
    if (player.id != scene.me) continue;
    running->client.steer(game::towards_dots(player.at, scene.dots, strength));
  }
}

}  // namespace

extern "C" {

/// Connects. Called once.
EMSCRIPTEN_KEEPALIVE void game_start(const char* url, const char* name, const char* key) {
  if (running == nullptr) running = std::make_unique<Game>(url, game::Join{name, key});
}

/// Computes and draws a frame.
EMSCRIPTEN_KEEPALIVE void game_frame() {
  if (running == nullptr) return;
  running->client.frame(emscripten_get_now());
  put(running->numbers, running->client);
  game_draw(running->numbers.data(), static_cast<int>(running->numbers.size()));
}

/// Calls game_frame once per repaint; not at all while the page is hidden.
EMSCRIPTEN_KEEPALIVE void game_run() { emscripten_set_main_loop(game_frame, 0, false); }

EMSCRIPTEN_KEEPALIVE void game_steer(float dx, float dy) {
  if (running != nullptr) running->client.steer({dx, dy});
}

EMSCRIPTEN_KEEPALIVE void game_stop() {
  if (running != nullptr) running->client.stop();
}

/// Steers to the nearest dot, with a strength from 0 to 1: see towards_dots. Call this once per
/// frame.
EMSCRIPTEN_KEEPALIVE void game_steer_to_dots(float strength) {
  if (running != nullptr) steer_to_dots(strength);
}

/// See Client::set_prediction.
EMSCRIPTEN_KEEPALIVE void game_set_prediction(int is_on) {
  if (running != nullptr) running->client.set_prediction(is_on != 0);
}

/// Received states.
EMSCRIPTEN_KEEPALIVE int game_states() {
  return running == nullptr ? 0 : static_cast<int>(running->client.counts().states);
}

/// States that were not received while the game was connected.
EMSCRIPTEN_KEEPALIVE int game_missed() {
  return running == nullptr ? 0 : static_cast<int>(running->client.counts().missed);
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
