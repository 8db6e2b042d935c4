#pragma once

#include <string>
#include <utility>

#include "fixture.hpp"
#include "steady/testing/fake_session_server.hpp"

inline steady::Options with_session(const std::function<void(steady::Options&)>& change =
                                        [](steady::Options&) {}) {
  steady::Options options = options_for_tests();
  options.session.emplace();
  // The same delay after every end of a connection.
  options.reconnect.initial_delay = options.reconnect.max_delay = std::chrono::milliseconds(1);
  change(options);
  return options;
}

/// A socket with a session. The test plays the server, frame by frame; ^ stands for U+0010.
struct SessionFixture : Fixture {
  explicit SessionFixture(steady::Options options = with_session()) : Fixture(std::move(options)) {
    session_ = socket.on_session([this](const steady::SessionChange& change) {
      recorder.lines.push_back(std::string("session ") + to_string(change.state) +
                               (change.reason.empty() ? "" : ": " + change.reason));
    });
    outcome_ = socket.on_outcome([this](const steady::Outcome& outcome) {
      recorder.lines.push_back("outcome " + std::to_string(outcome.id) + " " +
                               to_string(outcome.reason) +
                               (outcome.is_delivered ? " delivered" : ""));
    });
    runtime.fix_random(0);
  }

  /// Opens the connection, on which the server sends its greeting.
  void accept() {
    runtime.connection().accept("steady.1");
    seen = 0;
    server("^G 1 life");
  }
  /// The same, after the delay of the next attempt.
  void accept_next() {
    runtime.advance(1ms);
    accept();
  }
  /// Opens the connection with a session.
  SessionFixture& joined() {
    accept();
    server("^W life 0 60000");
    server("^! 1 0 1000000000000");
    take();
    recorder.take();
    return *this;
  }
  void drop() {
    runtime.connection().drop();
    runtime.run_posted();
  }

  bool server(std::string text) {
    if (text[0] == '^') text[0] = '\x10';
    const bool passes = runtime.connection().deliver_text(text);
    runtime.run_posted();
    return passes;
  }

  /// The frames sent since the last call, without pings.
  Lines take() {
    runtime.run_posted();
    Lines frames;
    const auto& sent = runtime.connection().sent();
    for (; seen < sent.size(); ++seen) {
      std::string text = sent[seen].data;
      if (!text.empty() && text[0] == '\x10') text[0] = '^';
      if (!text.starts_with("^?")) frames.push_back(text);
    }
    return frames;
  }
  /// The part of the last hello after the session's id.
  static std::string without_id(const std::string& hello) {
    return hello.substr(0, 3) + hello.substr(26);
  }
  static std::string id_of(const std::string& hello) { return hello.substr(3, 22); }

  /// The events since the last call, without state changes.
  Lines events() {
    runtime.run_posted();
    Lines lines;
    for (const std::string& line : recorder.take()) {
      if (!line.starts_with("state ")) lines.push_back(line);
    }
    return lines;
  }

  std::size_t seen = 0;

 private:
  steady::Subscription session_, outcome_;
};

/// Returns the last acknowledgement, which is sent at once.
inline Lines acknowledged(SessionFixture& f) {
  f.server("^? 7");
  Lines lines;
  for (std::string& frame : f.take()) {
    if (frame.starts_with("^! 7 ")) lines.push_back(frame.substr(5, frame.rfind(' ') - 5));
  }
  return lines;
}
