// A player without a screen that moves to the nearest dot. It prints lines of JSON on the standard
// output: one whenever something has changed, and a last one.
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <optional>
#include <random>
#include <steady/json.hpp>
#include <string>
#include <string_view>
#include <thread>

#include "autopilot.hpp"
#include "client.hpp"

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr const char* usage = "usage: bot URL [NAME] [--seconds N]\n";
/// Interval between two polls of the network.
constexpr auto frame_time = 10ms;

struct Arguments {
  std::string url;
  std::string name = "Bot";
  /// Duration of the game; unlimited if empty.
  std::optional<int> seconds;
};

std::optional<Arguments> read_arguments(int argc, char* argv[]) {
  Arguments arguments;
  int positions = 0;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--seconds") {
      if (++i == argc) return {};
      int seconds = 0;
      const char* const end = argv[i] + std::strlen(argv[i]);
      const auto [rest, error] = std::from_chars(argv[i], end, seconds);
      if (error != std::errc() || rest != end || seconds < 1) return {};
      arguments.seconds = seconds;
    } else if (positions == 0) {
      arguments.url = argument;
      ++positions;
    } else if (positions == 1) {
      arguments.name = argument;
      ++positions;
    } else {
      return {};
    }
  }
  if (positions == 0) return {};
  return arguments;
}

/// A random secret that cannot be guessed.
std::string random_key() {
  std::random_device device;
  std::string key;
  for (int i = 0; i < 32; ++i) key += "0123456789abcdef"[device() % 16];
  return key;
}

volatile std::sig_atomic_t is_stop_requested = 0;

/// The content of a line; a change makes the next one due.
struct Report {
  const char* state = "";
  std::uint32_t connections = 0;
  std::size_t players = 0;
  std::uint32_t score = 0;

  bool operator==(const Report&) const = default;
};

class Bot {
 public:
  explicit Bot(const Arguments& arguments)
      : socket_(game::make_options(arguments.url, {arguments.name, random_key()})),
        client_(socket_) {
    socket_.on_close([this](const steady::CloseInfo& info) { farewell_ = info.reason; }).keep();
  }

  /// False if the socket has closed for good.
  bool frame() {
    const std::chrono::duration<double, std::milli> now = Clock::now().time_since_epoch();
    client_.frame(now.count());
    const game::Scene scene = client_.scene();
    steer(scene);
    const Report report = report_of(scene);
    if (report != printed_) print(report);
    return socket_.state() != steady::State::closed;
  }

  /// Closes the connection and prints the last line.
  void end() {
    if (socket_.close({.code = 1000})) return;
    const auto deadline = Clock::now() + 2s;
    while (frame() && Clock::now() < deadline) std::this_thread::sleep_for(frame_time);
  }

  /// The reason of the close, if it was not closed by the bot.
  std::string reason() const { return farewell_.empty() ? socket_.error().message : farewell_; }

 private:
  void steer(const game::Scene& scene) {
    for (const game::PlayerState& player : scene.players) {
      if (player.id == scene.me) client_.steer(game::towards_dots(player.at, scene.dots));
    }
  }

  Report report_of(const game::Scene& scene) {
    Report report{.state = to_string(socket_.state()),
                  .connections = client_.counts().connections,
                  .players = scene.players.size()};
    for (const game::PlayerState& player : scene.players) {
      if (player.id == scene.me) report.score = player.score;
    }
    return report;
  }

  void print(const Report& report) {
    printed_ = report;
    const game::Counts& counts = client_.counts();
    steady::json line = {{"state", report.state},     {"connections", report.connections},
                         {"players", report.players}, {"score", report.score},
                         {"states", counts.states},   {"missed", counts.missed}};
    if (const auto round_trip = client_.round_trip()) line["roundTrip"] = *round_trip;
    std::printf("%s\n", line.dump().c_str());
    std::fflush(stdout);
  }

  steady::Socket socket_;
  game::Client client_;
  Report printed_;
  /// The server's reason for the end of the last connection.
  std::string farewell_;
};

}  // namespace

int main(int argc, char* argv[]) {
  const auto arguments = read_arguments(argc, argv);
  if (!arguments) {
    std::fputs(usage, stderr);
    return 2;
  }
  for (const int signal : {SIGINT, SIGTERM}) {
    std::signal(signal, [](int) { is_stop_requested = 1; });
  }
  Bot bot(*arguments);
  const auto end = Clock::now() + std::chrono::seconds(arguments->seconds.value_or(0));
  while (bot.frame()) {
    if (is_stop_requested != 0 || (arguments->seconds && Clock::now() >= end)) {
      bot.end();
      return 0;
    }
    std::this_thread::sleep_for(frame_time);
  }
  std::fprintf(stderr, "bot: the connection is closed: %s\n", bot.reason().c_str());
  return 1;
}
