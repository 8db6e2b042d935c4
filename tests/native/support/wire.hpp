#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "steady/native/native_runtime.hpp"

using namespace std::chrono_literals;

/// A NativeRuntime with one Transport; records the transport's events.
class Wire final : public steady::TransportListener {
 public:
  struct Received {
    steady::MessageKind kind;
    std::string data;
  };

  explicit Wire(steady::native::NativeOptions options = {}) : runtime(std::move(options)) {}

  steady::Error open(const std::string& url, std::vector<std::string> subprotocols = {},
                     std::vector<steady::HeaderField> headers = {}) {
    transport = runtime.make_transport();
    return transport->open(
        {url, std::move(subprotocols), generation, std::move(headers), reports_steps}, *this);
  }
  bool open_and_wait(const std::string& url, std::vector<steady::HeaderField> headers = {}) {
    return !open(url, {}, std::move(headers)) && eventually([this] { return is_open; });
  }

  /// Polls until the condition holds. Returns false after 20 s.
  bool eventually(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      runtime.run_for(20ms);
    }
    return true;
  }

  steady::TransportSend send(std::string_view text) {
    return transport->send(steady::Payload::text(text));
  }

  void on_open(steady::Generation of) override {
    is_open = of == generation;
    log.push_back("(open)");
    if (when_open) when_open();
  }
  bool on_message(steady::Generation, steady::Inbound& message) override {
    if (reports_steps) log.push_back("(message)");
    buffer.set_size(0);
    if (!message.read(buffer, steady::Inbound::all)) {
      messages.push_back({message.kind(), std::string(buffer.view())});
    }
    if (when_message) when_message();
    return true;
  }
  void on_error(steady::Generation, const steady::Error& error) override {
    errors.push_back(error);
    if (when_error) when_error();
  }
  void on_close(steady::Generation, steady::CloseInfo info) override {
    closed = std::move(info);
    log.push_back("(closed)");
    if (when_close) when_close();
  }

  void on_step(steady::Generation of, std::string_view text) override {
    if (of == generation) log.emplace_back(text);
  }

  /// Message of the first error, or an empty string.
  std::string error() const { return errors.empty() ? "" : errors.front().message; }

  static constexpr steady::Generation generation = 7;

  steady::native::NativeRuntime runtime;
  std::unique_ptr<steady::Transport> transport;
  /// Set before open().
  bool reports_steps = false;
  /// Steps in order with the other events, which are in parentheses. Messages are included if steps
  /// are reported.
  std::vector<std::string> log;
  bool is_open = false;
  std::vector<Received> messages;
  std::vector<steady::Error> errors;
  std::optional<steady::CloseInfo> closed;
  std::function<void()> when_open, when_message, when_error, when_close;
  steady::InboundBuffer buffer;
};
