#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "fixture.hpp"

inline steady::Options queued(const std::function<void(steady::Options&)>& change = {}) {
  return with([&](steady::Options& options) {
    options.dispatch = steady::Dispatch::queued;
    if (change) change(options);
  });
}

/// A connected socket with queued dispatch, without pending events.
struct Polled : Fixture {
  explicit Polled(const std::function<void(steady::InboundOptions&)>& change = {})
      : Fixture(queued([&](steady::Options& options) {
          if (change) change(options.inbound);
        })) {
    runtime.connection().accept();
    socket.poll();
    recorder.take();
  }

  Lines poll(const steady::PollBudget& budget = {}) {
    socket.poll(budget);
    return recorder.take();
  }
  void receive(std::string_view text) { runtime.connection().deliver_text(text); }
  void receive_state(int number) {
    receive(R"({"type":"state","n":)" + std::to_string(number) + "}");
  }
};
