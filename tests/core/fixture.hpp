#pragma once

#include <functional>
#include <utility>

#include "recorder.hpp"

/// A socket on a virtual clock, and what it said.
struct Fixture {
  explicit Fixture(steady::Options options = options_for_tests())
      : socket(std::move(options), runtime), recorder(socket) {}

  /// Connected, and what was said on the way forgotten.
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

/// Accepts the connection, and returns the messages that were sent then.
inline Lines sent_when_open(Fixture& f) {
  f.runtime.connection().accept();
  return sent_texts(f.runtime.connection());
}
