#include "client.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <steady/json.hpp>
#include <utility>

namespace game {

namespace {

using namespace std::chrono_literals;

/// Milliseconds from one input to the next: 25 a second at most.
constexpr double input_interval = 40;
/// Milliseconds from one ping to the next, and between the first ones, which set the clock.
constexpr double ping_interval = 1'000;
constexpr double first_ping_interval = 100;
constexpr int first_pings = 4;
/// Of a frame, which has 16 ms: what comes later waits for the next.
constexpr auto poll_time = 4ms;
/// Milliseconds after the last state for which one goes on without another.
constexpr double longest_prediction = 500;

struct Welcome {
  std::uint16_t you = 0;
};
bool from_json(const steady::json& j, Welcome& welcome) {
  return steady::read(j, "you", welcome.you);
}

struct Pong {
  /// Not in the answer to the heartbeat's own ping.
  std::optional<double> sent;
  double time = 0;
};
bool from_json(const steady::json& j, Pong& pong) {
  return steady::read(j, "sent", pong.sent) && steady::read(j, "time", pong.time);
}

bool same(Direction one, Direction other) { return one.dx == other.dx && one.dy == other.dy; }

}  // namespace

steady::Options make_options(std::string url, const Join& join) {
  steady::Options options;
  options.url = std::move(url);
  options.reconnect.initial_delay = 500ms;
  options.reconnect.max_delay = 3s;
  const steady::json first = {{"type", "join"}, {"name", join.name}, {"key", join.key}};
  options.first_message = first.dump(-1, ' ', false, steady::json::error_handler_t::replace);
  // Twenty states a second are life enough; who hears none finds out soon.
  options.heartbeat = steady::HeartbeatOptions{.interval = 2s, .timeout = 2s};
  options.dispatch = steady::Dispatch::queued;
  // A page that is hidden has no frames: the newest of everything is all that the game wants then.
  options.inbound.conflate = {"", "*"};
  return options;
}

Client::Client(steady::Socket& socket) : socket_(socket) {
  opened_ = socket.on_open([this] { ++counts_.connections; });
  heard_ = socket.on_binary([this](const steady::Message& message) { hear_state(message); });
  welcomed_ = socket.on<Welcome>("welcome", [this](const Welcome& w) { hear_welcome(w.you); });
  ponged_ = socket.on<Pong>("pong", [this](const Pong& pong) {
    if (pong.sent) clock_.hear(*pong.sent, now_, pong.time);
  });
}

void Client::steer(Direction direction) { wanted_ = limited(direction); }

void Client::stop() {
  wanted_ = {};
  input_sent_ = std::min(input_sent_, now_ - input_interval);
  send_input();
}

void Client::frame(double now) {
  now_ = now;
  socket_.poll({.max_time = poll_time});
  send_input();
  send_ping();
}

void Client::hear_welcome(std::uint16_t me) {
  me_ = me;
  // Another server may have another clock.
  clock_.reset();
  interpolation_.clear();
  prediction_.reset();
  last_number_.reset();
  pings_ = 0;
  next_ping_ = now_;
  // It has forgotten where one goes.
  input_.direction = {};
}

void Client::hear_state(const steady::Message& message) {
  if (!read_state(message.bytes(), state_)) return;
  ++counts_.states;
  if (last_number_ && state_.number > *last_number_) {
    counts_.missed += state_.number - *last_number_ - 1;
  }
  last_number_ = state_.number;
  interpolation_.add(state_);
  predict();
}

void Client::predict() {
  const State& newest = *interpolation_.newest();
  const auto me = std::find_if(newest.players.begin(), newest.players.end(),
                               [this](const PlayerState& player) { return player.id == me_; });
  if (me != newest.players.end()) prediction_.reconcile(*me, newest.time);
}

void Client::send_input() {
  if (!me_ || same(wanted_, input_.direction) || now_ - input_sent_ < input_interval) return;
  input_.direction = wanted_;
  // 0 is that of nobody who has said anything.
  if (++input_.sequence == 0) ++input_.sequence;
  input_sent_ = now_;
  const auto bytes = write_input(input_);
  // While there is no connection, only the last one waits.
  socket_.send(std::span<const std::byte>(bytes), {.key = "input"});
  if (const auto time = arrival()) prediction_.steer(input_, *time);
}

void Client::send_ping() {
  if (!me_ || now_ < next_ping_) return;
  // One that has to wait would tell nothing of the way.
  socket_.send(steady::json{{"type", "ping"}, {"sent", now_}}, {.is_volatile = true});
  next_ping_ = now_ + (++pings_ < first_pings ? first_ping_interval : ping_interval);
}

std::optional<double> Client::arrival() const {
  const auto time = clock_.at(now_);
  if (!time) return {};
  return *time + clock_.quickest_round_trip() / 2;
}

Scene Client::scene() {
  const State* newest = interpolation_.newest();
  if (newest == nullptr) return {};
  const auto time = clock_.at(now_);
  const double shown = time ? *time - Interpolation::delay : std::numeric_limits<double>::max();
  interpolation_.sample(shown, shown_);
  if (time && prediction_.is_known()) {
    const Point at = prediction_.show(std::min(*arrival(), newest->time + longest_prediction));
    for (PlayerState& player : shown_) {
      if (player.id == me_) player.at = at;
    }
  }
  return {me_, shown_, newest->dots};
}

}  // namespace game
