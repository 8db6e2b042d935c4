#pragma once

#include <functional>
#include <utility>

#include "recorder.hpp"

/// A socket on a virtual clock, and a recorder of its events.
struct Fixture {
  explicit Fixture(steady::Options options = options_for_tests())
      : socket(std::move(options), runtime), recorder(socket) {}

  /// Opens the connection, and discards the events so far.
  Fixture& opened() {
    runtime.connection().accept();
    recorder.take();
    return *this;
  }

  steady::testing::ManualRuntime runtime;
  steady::Socket socket;
  Recorder recorder;
};

inline steady::Options with(const std::function<void(steady::Options&)>& change) {
  steady::Options options = options_for_tests();
  change(options);
  return options;
}

/// Accepts the connection, and returns the messages sent on it.
inline Lines sent_when_open(Fixture& f) {
  f.runtime.connection().accept();
  return sent_texts(f.runtime.connection());
}
