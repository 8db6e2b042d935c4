#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "steady/socket.hpp"
#include "steady/testing/manual_runtime.hpp"

using namespace std::chrono_literals;
using steady::State;
using Lines = std::vector<std::string>;

inline steady::Options options_for_tests() {
  steady::Options options;
  options.url = "ws://host/path";
  return options;
}

/// Records every event of a Socket as a line.
class Recorder {
 public:
  explicit Recorder(steady::Socket& socket) {
    open_ = socket.on_open([this] { lines.push_back("open"); });
    close_ = socket.on_close([this](const steady::CloseInfo& info) {
      lines.push_back("close " + std::to_string(info.code) + (info.will_retry ? " retry" : ""));
      last_close = info;
    });
    error_ = socket.on_error([this](const steady::Error& error) {
      lines.push_back(std::string("error ") + to_string(error.code));
    });
    state_ = socket.on_state_change([this](const steady::StateChange& change) {
      lines.push_back(std::string("state ") + to_string(change.state));
      last_change = change;
    });
    drop_ = socket.on_drop([this](const steady::Drop& drop) {
      lines.push_back("drop " + std::to_string(drop.id) + " " + to_string(drop.reason) + " " +
                      std::string(drop.payload.data()));
    });
    message_ = socket.on_message([this](const steady::Message& message) {
      lines.push_back((message.kind == steady::MessageKind::text ? "text " : "binary ") +
                      std::string(message.data));
    });
  }

  /// Returns the lines since the last call.
  Lines take() { return std::exchange(lines, {}); }

  Lines lines;
  /// May be unsubscribed.
  steady::Subscription message_;
  steady::CloseInfo last_close;
  steady::StateChange last_change;

 private:
  steady::Subscription open_, close_, error_, state_, drop_;
};

/// The data of the messages sent on a connection.
inline Lines sent_texts(const steady::testing::FakeConnection& connection) {
  Lines texts;
  for (const auto& sent : connection.sent()) texts.push_back(sent.data);
  return texts;
}
