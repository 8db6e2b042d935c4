#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <steady/socket.hpp>
#include <string>
#include <vector>

#include "interpolation.hpp"
#include "prediction.hpp"
#include "protocol.hpp"
#include "round.hpp"

namespace game {

/// The player.
struct Join {
  std::string name;
  /// The player's secret, of 16 to 64 characters. It identifies the player on every connection and
  /// after a restart of the server.
  std::string key;
};

/// The options of the game's socket: a session, with the join first on every connection. C++
/// handlers run in poll().
steady::Options make_options(std::string url, const Join& join);

/// The content to draw. Valid until the next frame.
struct Scene {
  /// Empty before the server has assigned it.
  std::optional<std::uint16_t> me;
  std::span<const PlayerState> players;
  std::span<const Point> dots;
  /// The own player as all others see it, interpolated and not predicted. Empty without a state.
  std::optional<Point> confirmed;
};

/// Counters since the start.
struct Counts {
  std::uint32_t connections = 0;
  std::uint32_t states = 0;
  /// States that the server made and this client did not receive, while it was connected.
  std::uint32_t missed = 0;
};

/// The game without a screen: receives the arena, sends the direction, and computes what is
/// visible.
class Client {
 public:
  /// `socket` has make_options() and must outlive the client.
  explicit Client(steady::Socket& socket);

  /// Sets the direction from now on.
  void steer(Direction direction);
  /// Stops immediately, without waiting for a frame: a page that is left may not have another.
  void stop();
  /// Off: the own player is shown like the others, at the server's position a moment ago. Default:
  /// on.
  void set_prediction(bool is_on) { is_predicting_ = is_on; }
  /// Call this once per frame. `now` is in milliseconds of a monotonic clock.
  void frame(double now);

  /// At the last frame.
  Scene scene();
  const Counts& counts() const { return counts_; }
  /// Empty before the first message about it.
  const std::optional<Round>& round() const { return round_; }
  /// Milliseconds until the end of the round's phase, at the last frame; 0 if that has passed.
  /// Empty without a round, and before the server's clock is known.
  std::optional<double> remaining() const;
  /// Milliseconds of the last round trip.
  std::optional<double> round_trip() const;

 private:
  void receive_state(const steady::Message& message);
  void receive_welcome(std::uint16_t me);
  void predict();
  void send_input();
  void forget_states();
  /// The server's clock when a message sent now arrives there.
  std::optional<double> arrival() const;

  steady::Socket& socket_;
  double now_ = 0;
  /// At the last frame.
  std::optional<double> server_time_;
  std::optional<std::uint16_t> me_;
  std::optional<Round> round_;
  bool is_predicting_ = true;
  /// Reused for every state.
  State state_;
  Interpolation interpolation_;
  Prediction prediction_;
  std::vector<PlayerState> shown_;
  Direction wanted_;
  /// The last direction sent.
  Input input_;
  double input_sent_ = 0;
  std::optional<std::uint32_t> last_number_;
  Counts counts_;
  steady::Subscription opened_, received_, welcomed_, rounds_;
};

}  // namespace game
