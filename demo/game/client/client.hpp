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

namespace game {

/// Who plays.
struct Join {
  std::string name;
  /// A secret of this player's, of 16 to 64 characters: whoever has it is the same player, on every
  /// connection and after a restart of the server.
  std::string key;
};

/// How the game connects: in a session, with the join first on every connection. C++ handlers run
/// in poll().
steady::Options make_options(std::string url, const Join& join);

/// What there is to draw. Valid until the next frame.
struct Scene {
  /// None before the server has said who one is.
  std::optional<std::uint16_t> me;
  std::span<const PlayerState> players;
  std::span<const Point> dots;
};

/// What has happened so far.
struct Counts {
  std::uint32_t connections = 0;
  std::uint32_t states = 0;
  /// States that the server has made and this client was not told, while it was connected.
  std::uint32_t missed = 0;
};

/// The game without a screen: hears the arena, says where to go, and knows what is to be seen.
class Client {
 public:
  /// `socket` has make_options() and must outlive the client.
  explicit Client(steady::Socket& socket);

  /// Where one wants to go from now on.
  void steer(Direction direction);
  /// Stops at once, without waiting for a frame: a page that is left may not have another.
  void stop();
  /// To be called once a frame. `now` in milliseconds of a clock that does not go back.
  void frame(double now);

  /// As of the last frame.
  Scene scene();
  const Counts& counts() const { return counts_; }
  /// Milliseconds of the last round trip.
  std::optional<double> round_trip() const;

 private:
  void hear_state(const steady::Message& message);
  void hear_welcome(std::uint16_t me);
  void predict();
  void send_input();
  void forget_states();
  /// The server's clock when what is sent now arrives there.
  std::optional<double> arrival() const;

  steady::Socket& socket_;
  double now_ = 0;
  /// As of the last frame.
  std::optional<double> server_time_;
  std::optional<std::uint16_t> me_;
  /// Read into again and again.
  State state_;
  Interpolation interpolation_;
  Prediction prediction_;
  std::vector<PlayerState> shown_;
  Direction wanted_;
  /// What was said last.
  Input input_;
  double input_sent_ = 0;
  std::optional<std::uint32_t> last_number_;
  Counts counts_;
  steady::Subscription opened_, heard_, welcomed_;
};

}  // namespace game
