// A player without a screen that moves to the nearest dot, compiled for a desktop.
#include <chrono>
#include <cstdio>
#include <limits>
#include <optional>
#include <string>
#include <thread>

#include "native/arguments.hpp"
#include "native/player.hpp"

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr const char* usage = "usage: bot URL [NAME] [--seconds N] [--strength 1-100]\n";
/// Interval between two polls of the network.
constexpr auto frame_time = 10ms;

struct Settings {
  std::string url = {};
  std::string name = {};
  /// Duration of the game; unlimited if empty.
  std::optional<int> seconds = {};
  std::optional<int> strength = {};
};

std::optional<Settings> read_settings(int argc, char* argv[]) {
  const auto arguments = game::Arguments::read(argc, argv, {"--seconds", "--strength"}, {}, 2);
  if (!arguments || !arguments->position(0)) return {};
  Settings settings{.url = *arguments->position(0), .name = arguments->position(1).value_or("Bot")};
  const bool is_valid =
      arguments->number("--seconds", 1, std::numeric_limits<int>::max(), settings.seconds) &&
      arguments->number("--strength", 1, 100, settings.strength);
  return is_valid ? std::optional(settings) : std::nullopt;
}

}  // namespace

int main(int argc, char* argv[]) {
  const auto settings = read_settings(argc, argv);
  if (!settings) {
    std::fputs(usage, stderr);
    return 2;
  }
  game::catch_signals();
  game::Player player(settings->url, settings->name);
  const float strength = static_cast<float>(settings->strength.value_or(40)) / 100;
  const auto end = Clock::now() + std::chrono::seconds(settings->seconds.value_or(0));
  while (player.frame()) {
    player.steer_to_dots(strength);
    if (game::is_stop_requested() || (settings->seconds && Clock::now() >= end)) {
      player.end();
      return 0;
    }
    std::this_thread::sleep_for(frame_time);
  }
  std::fprintf(stderr, "bot: the connection is closed: %s\n", player.reason().c_str());
  return 1;
}
