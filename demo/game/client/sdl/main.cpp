// The game in a window of SDL: the client of the page and the bot, drawn and steered on a desktop.
#include <SDL.h>

#include <chrono>
#include <cstdio>
#include <limits>
#include <optional>
#include <string>

#include "native/arguments.hpp"
#include "native/player.hpp"
#include "sdl/window.hpp"

namespace {

constexpr const char* usage =
    "usage: game_desktop URL [NAME] [--autopilot] [--frames N] [--screenshot FILE.bmp]\n"
    "  Move with the arrow keys or W A S D; Escape ends the game.\n"
    "  --autopilot   moves to the nearest dot by itself\n"
    "  --frames      ends after so many frames that show an arena\n"
    "  --screenshot  writes the last frame when it ends\n";

/// Milliseconds of a frame if the renderer does not wait for the screen.
constexpr Uint32 frame_time = 16;

struct Settings {
  std::string url = {};
  std::string name = {};
  std::optional<int> frames = {};
  std::optional<std::string> screenshot = {};
  bool is_autopilot = false;
};

std::optional<Settings> read_settings(int argc, char* argv[]) {
  const auto arguments =
      game::Arguments::read(argc, argv, {"--frames", "--screenshot"}, {"--autopilot"}, 2);
  if (!arguments || !arguments->position(0)) return {};
  Settings settings{.url = *arguments->position(0),
                    .name = arguments->position(1).value_or("Desktop"),
                    .frames = {},
                    .screenshot = arguments->option("--screenshot"),
                    .is_autopilot = arguments->option("--autopilot").has_value()};
  if (!arguments->number("--frames", 1, std::numeric_limits<int>::max(), settings.frames)) {
    return {};
  }
  return settings;
}

/// Returns the direction of the pressed keys.
game::Direction pressed_direction() {
  const Uint8* const keys = SDL_GetKeyboardState(nullptr);
  const auto axis = [keys](SDL_Scancode less, SDL_Scancode less_too, SDL_Scancode more,
                           SDL_Scancode more_too) {
    const bool is_less = keys[less] != 0 || keys[less_too] != 0;
    const bool is_more = keys[more] != 0 || keys[more_too] != 0;
    return static_cast<float>(is_more) - static_cast<float>(is_less);
  };
  return {axis(SDL_SCANCODE_LEFT, SDL_SCANCODE_A, SDL_SCANCODE_RIGHT, SDL_SCANCODE_D),
          axis(SDL_SCANCODE_UP, SDL_SCANCODE_W, SDL_SCANCODE_DOWN, SDL_SCANCODE_S)};
}

/// Handles the window's events. Returns false once the user ends the game.
bool handle_events() {
  bool is_running = true;
  SDL_Event event;
  while (SDL_PollEvent(&event) != 0) {
    const bool is_escape = event.type == SDL_KEYDOWN && event.key.keysym.sym == SDLK_ESCAPE;
    if (event.type == SDL_QUIT || is_escape) is_running = false;
  }
  return is_running;
}

game::NetworkState network_of(game::Player& player) {
  const steady::Socket& socket = player.socket();
  game::NetworkState network{.state = to_string(socket.state()),
                             .is_open = socket.state() == steady::State::open,
                             .connections = player.client().counts().connections};
  if (const auto trip = player.client().round_trip()) network.round_trip = *trip;
  if (const auto retry = socket.retry_in()) {
    network.retry_in = static_cast<double>(retry->count());
  }
  return network;
}

/// Plays until the user, a signal or the number of frames ends it. Returns the exit code.
int play(const Settings& settings) {
  game::Window window(1280, 780);
  if (!window.is_open()) {
    std::fprintf(stderr, "game: no window: %s\n", SDL_GetError());
    return 1;
  }
  game::Player player(settings.url, settings.name);
  int frames = 0;
  bool is_running = true;
  bool is_connected = true;
  while (is_running && is_connected) {
    const Uint32 began = SDL_GetTicks();
    is_running = handle_events() && !game::is_stop_requested();
    if (settings.is_autopilot) {
      player.steer_to_dots(0.9F);
    } else {
      player.client().steer(pressed_direction());
    }
    is_connected = player.frame();
    const game::Scene scene = player.client().scene();
    window.draw(scene, player.client(), network_of(player));
    if (!scene.players.empty() && settings.frames && ++frames >= *settings.frames) {
      is_running = false;
    }
    const bool is_last = !is_running || !is_connected;
    if (is_last && settings.screenshot && !window.save(*settings.screenshot)) {
      std::fprintf(stderr, "game: no screenshot: %s\n", SDL_GetError());
      return 1;
    }
    window.show();
    const Uint32 passed = SDL_GetTicks() - began;
    if (passed < frame_time) SDL_Delay(frame_time - passed);
  }
  if (!is_connected) {
    std::fprintf(stderr, "game: the connection is closed: %s\n", player.reason().c_str());
    return 1;
  }
  player.end();
  return 0;
}

}  // namespace

int main(int argc, char* argv[]) {
  const auto settings = read_settings(argc, argv);
  if (!settings) {
    std::fputs(usage, stderr);
    return 2;
  }
  // The program handles signals itself.
  SDL_SetHint(SDL_HINT_NO_SIGNAL_HANDLERS, "1");
  if (SDL_Init(SDL_INIT_VIDEO) != 0) {
    std::fprintf(stderr, "game: SDL cannot start: %s\n", SDL_GetError());
    return 1;
  }
  game::catch_signals();
  const int code = play(*settings);
  SDL_Quit();
  return code;
}
