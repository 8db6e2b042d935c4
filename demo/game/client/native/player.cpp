#include "native/player.hpp"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <random>
#include <steady/json.hpp>
#include <thread>

#include "autopilot.hpp"

namespace game {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// A random secret that cannot be guessed.
std::string random_key() {
  std::random_device device;
  std::string key;
  for (int i = 0; i < 32; ++i) key += "0123456789abcdef"[device() % 16];
  return key;
}

volatile std::sig_atomic_t has_signal = 0;

}  // namespace

Player::Player(const std::string& url, const std::string& name)
    : socket_(make_options(url, {name, random_key()})), client_(socket_) {
  socket_.on_close([this](const steady::CloseInfo& info) { farewell_ = info.reason; }).keep();
}

bool Player::frame() {
  const std::chrono::duration<double, std::milli> now = Clock::now().time_since_epoch();
  client_.frame(now.count());
  const Report next = report();
  if (next != printed_) print(next);
  return socket_.state() != steady::State::closed;
}

void Player::end() {
  if (socket_.close({.code = 1000})) return;
  const auto deadline = Clock::now() + 2s;
  while (frame() && Clock::now() < deadline) std::this_thread::sleep_for(10ms);
}

void Player::steer_to_dots(float strength) {
  const Scene scene = client_.scene();
  for (const PlayerState& player : scene.players) {
    if (player.id == scene.me) client_.steer(towards_dots(player.at, scene.dots, strength));
  }
}

Player::Report Player::report() {
  const Scene scene = client_.scene();
  Report report{.state = to_string(socket_.state()),
                .connections = client_.counts().connections,
                .players = scene.players.size()};
  for (const PlayerState& player : scene.players) {
    if (player.id == scene.me) report.score = player.score;
  }
  if (const auto& round = client_.round()) {
    report.round = round->number;
    report.is_over = round->is_over;
  }
  return report;
}

void Player::print(const Report& report) {
  printed_ = report;
  const Counts& counts = client_.counts();
  steady::json line = {{"state", report.state},     {"connections", report.connections},
                       {"players", report.players}, {"score", report.score},
                       {"round", report.round},     {"isOver", report.is_over},
                       {"states", counts.states},   {"missed", counts.missed}};
  if (const auto round_trip = client_.round_trip()) line["roundTrip"] = *round_trip;
  std::printf("%s\n", line.dump().c_str());
  std::fflush(stdout);
}

void catch_signals() {
  for (const int signal : {SIGINT, SIGTERM}) {
    std::signal(signal, [](int) { has_signal = 1; });
  }
}

bool is_stop_requested() { return has_signal != 0; }

}  // namespace game
