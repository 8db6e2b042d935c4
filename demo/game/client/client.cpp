#include "client.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <steady/json.hpp>
#include <utility>

namespace game {

namespace {

using namespace std::chrono_literals;

/// Milliseconds between two inputs: at most 25 per second.
constexpr double input_interval = 40;
/// The part of a frame of 16 ms: later messages wait for the next.
constexpr auto poll_time = 4ms;
/// Milliseconds for which movement continues without another state.
constexpr double longest_prediction = 500;

struct Welcome {
  std::uint16_t you = 0;
  std::optional<Round> round = {};
};
bool from_json(const steady::json& j, Welcome& welcome) {
  return steady::read(j, "you", welcome.you) && steady::read(j, "round", welcome.round);
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
  options.session = steady::SessionOptions{.required = true};
  // The pings also measure the round trip and the server's clock.
  options.heartbeat = steady::HeartbeatOptions{.interval = 2s, .timeout = 2s};
  options.dispatch = steady::Dispatch::queued;
  // A hidden page has no frames, and needs only the newest message of each kind: every one that C++
  // reads replaces the one before. "*" would drop events that each have an effect.
  options.inbound.conflate = {"", "*"};
  return options;
}

Client::Client(steady::Socket& socket) : socket_(socket) {
  opened_ = socket.on_open([this] {
    ++counts_.connections;
    last_number_.reset();
  });
  received_ = socket.on_binary([this](const steady::Message& message) { receive_state(message); });
  welcomed_ = socket.on<Welcome>("welcome", [this](const Welcome& welcome) {
    round_ = welcome.round;
    receive_welcome(welcome.you);
  });
  rounds_ = socket.on<Round>("round", [this](const Round& round) { round_ = round; });
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
  server_time_.reset();
  if (const auto time = socket_.server_time()) {
    server_time_ = static_cast<double>(time->time_since_epoch().count());
  }
  send_input();
}

std::optional<double> Client::round_trip() const {
  const auto trip = socket_.stats().round_trip;
  if (!trip) return {};
  return static_cast<double>(trip->last.count());
}

std::optional<double> Client::remaining() const {
  if (!round_ || !server_time_) return {};
  return std::max(0.0, round_->until - *server_time_);
}

void Client::receive_welcome(std::uint16_t me) {
  me_ = me;
  forget_states();
  // The server does not know the direction.
  input_.direction = {};
}

void Client::forget_states() {
  interpolation_.clear();
  prediction_.reset();
}

void Client::receive_state(const steady::Message& message) {
  if (!read_state(message.bytes(), state_)) return;
  ++counts_.states;
  if (last_number_ && state_.number > *last_number_) {
    counts_.missed += state_.number - *last_number_ - 1;
  }
  last_number_ = state_.number;
  // The server's clock was set back.
  const State* const newest = interpolation_.newest();
  if (newest != nullptr && state_.time < newest->time) forget_states();
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
  // 0 is the sequence before the first input.
  if (++input_.sequence == 0) ++input_.sequence;
  input_sent_ = now_;
  const auto bytes = write_input(input_);
  // Without a connection, only the last one waits.
  socket_.send(std::span<const std::byte>(bytes), {.key = "input"});
  if (const auto time = arrival()) prediction_.steer(input_, *time);
}

std::optional<double> Client::arrival() const {
  if (!server_time_) return {};
  return *server_time_ + static_cast<double>(socket_.stats().round_trip->smoothed.count()) / 2;
}

Scene Client::scene() {
  const State* newest = interpolation_.newest();
  if (newest == nullptr) return {};
  const double shown =
      server_time_ ? *server_time_ - Interpolation::delay : std::numeric_limits<double>::max();
  interpolation_.sample(shown, shown_);
  const auto mine = std::find_if(shown_.begin(), shown_.end(),
                                 [this](const PlayerState& player) { return player.id == me_; });
  std::optional<Point> confirmed;
  if (mine != shown_.end()) confirmed = mine->at;
  if (server_time_ && prediction_.is_known()) {
    const Point at = prediction_.show(std::min(*arrival(), newest->time + longest_prediction));
    if (mine != shown_.end() && is_predicting_) mine->at = at;
  }
  return {me_, shown_, newest->dots, confirmed};
}

}  // namespace game
