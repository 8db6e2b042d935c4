// The native client of a chaos run: native_client SEED session|plain URL... sends until it reads a
// line from standard input, waits until everything is delivered, and prints the same reports as
// client.mjs.
#include <poll.h>

#include <chrono>
#include <cstdio>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "steady/native/native_runtime.hpp"
#include "steady/socket.hpp"

namespace {

using namespace std::chrono_literals;

/// Same as in client.mjs.
constexpr auto frame_time = 4ms;
constexpr auto calm_time = 300ms;

std::string quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

std::string number_in(std::string_view text) {
  const std::size_t begin = text.find_first_of("0123456789");
  return std::string(text.substr(begin, text.find_first_not_of("0123456789", begin) - begin));
}

std::string joined(const std::vector<std::string>& values) {
  std::string text;
  for (const std::string& value : values) text += (text.empty() ? "" : ",") + value;
  return "[" + text + "]";
}

std::string object(const std::map<std::string, int>& counts) {
  std::string text;
  for (const auto& [name, count] : counts) {
    text += (text.empty() ? "" : ",") + quoted(name) + ":" + std::to_string(count);
  }
  return "{" + text + "}";
}

class Client {
 public:
  Client(std::string url, bool is_plain, unsigned seed, steady::Runtime& runtime)
      : is_plain_(is_plain), random_(seed), socket_(options(std::move(url), is_plain), runtime) {
    socket_
        .on_session([this](const steady::SessionChange& change) {
          ++states_[to_string(change.state)];
          has_begun_ = true;
        })
        .keep();
    socket_
        .on_error([this](const steady::Error& error) {
          ++errors_[error.code == steady::ErrorCode::session_failed ? error.message
                                                                    : to_string(error.code)];
        })
        .keep();
    socket_
        .on_drop([this](const steady::Drop& drop) {
          if (drop.payload.data() == "last") return;
          dropped_.push_back("[" + number_in(drop.payload.data()) + "," +
                             quoted(to_string(drop.reason)) + "]");
        })
        .keep();
    socket_
        .on_outcome([this](const steady::Outcome& outcome) {
          if (outcome.is_delivered) delivered_.push_back(std::to_string(tracked_[outcome.id]));
        })
        .keep();
    socket_
        .on_message([this](const steady::Message& message) {
          if (message.data == "last") {
            has_last_ = true;
          } else if (message.data != "!") {
            received_.push_back(quoted(message.data));
          }
        })
        .keep();
  }

  bool has_begun() const {
    return has_begun_ || (is_plain_ && socket_.state() == steady::State::open);
  }

  void burst() {
    const int count = below(150) == 0 ? 300 : below(3);
    for (int i = 0; i < count; ++i) send();
  }

  /// Waits until everything is delivered, then sends the last message.
  void finish() {
    const auto end = [this](const steady::Error&) { socket_.send("last"); };
    if (is_plain_) {
      socket_.drained(end);
      return;
    }
    // A server that was restarted may have lost the session before.
    socket_.delivered([this, end](const steady::Error& error) {
      if (error) {
        socket_.delivered(end);
      } else {
        end(error);
      }
    });
  }

  bool poll() {
    socket_.poll();
    if (has_last_ && socket_.state() < steady::State::closing) socket_.close();
    return has_last_ && socket_.state() == steady::State::closed;
  }

  std::string report() const {
    return "{\"sent\":" + std::to_string(sent_) +
           ",\"volatile\":[],\"received\":" + joined(received_) +
           ",\"dropped\":" + joined(dropped_) + ",\"delivered\":" + joined(delivered_) +
           ",\"states\":" + object(states_) + ",\"errors\":" + object(errors_) + "}";
  }

 private:
  static steady::Options options(std::string url, bool is_plain) {
    steady::Options options;
    options.url = std::move(url);
    options.reconnect.initial_delay = 5ms;
    options.reconnect.max_delay = 20ms;
    options.queue.max_messages = 1'000'000;
    options.queue.max_bytes = 1'000'000'000;
    options.connect_timeout = 600ms;
    options.heartbeat = steady::HeartbeatOptions{.interval = 100ms, .timeout = 150ms};
    if (is_plain) {
      options.heartbeat->message = "?";
      options.heartbeat->reply = "!";
    } else {
      options.session.emplace();
    }
    return options;
  }

  int below(int bound) { return static_cast<int>(random_() % static_cast<unsigned>(bound)); }

  void send() {
    const std::string number = std::to_string(sent_++);
    switch (below(20)) {
      case 0: {
        const std::string binary = number + " binary";
        socket_.send_binary(binary.data(), binary.size());
        break;
      }
      case 1:
        socket_.send("\x10" + number + " escaped");
        break;
      case 2:
        socket_.send(number + " " + std::string(static_cast<std::size_t>(below(20'000)), 'x'));
        break;
      case 3:
        socket_.send(number + " key", {.ttl = 24h, .key = number});
        break;
      case 4: {
        const steady::SendResult result = socket_.send(number + " tracked", {.track = true});
        if (result.id != 0) tracked_[result.id] = sent_ - 1;
        break;
      }
      default:
        socket_.send(number);
    }
  }

  const bool is_plain_;
  std::minstd_rand random_;
  steady::Socket socket_;
  int sent_ = 0;
  bool has_begun_ = false;
  bool has_last_ = false;
  std::map<std::uint32_t, int> tracked_;
  std::vector<std::string> received_, dropped_, delivered_;
  std::map<std::string, int> states_, errors_;
};

bool has_line() {
  pollfd input{.fd = 0, .events = POLLIN, .revents = 0};
  return ::poll(&input, 1, 0) > 0;
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 4) return 2;
  const auto seed = static_cast<unsigned>(std::stoul(arguments[1]));
  const bool is_plain = arguments[2] == std::string_view("plain");
  steady::native::NativeRuntime runtime;
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 3; i < count; ++i) {
    clients.push_back(
        std::make_unique<Client>(arguments[i], is_plain, seed + unsigned(i), runtime));
  }
  const auto frame = [&clients] {
    bool is_done = true;
    for (const auto& client : clients) is_done = client->poll() && is_done;
    std::this_thread::sleep_for(frame_time);
    return is_done;
  };
  bool has_reported = false;
  while (!has_line()) {
    bool has_begun = true;
    for (const auto& client : clients) {
      client->burst();
      has_begun = has_begun && client->has_begun();
    }
    frame();
    if (!has_begun || has_reported) continue;
    has_reported = true;
    std::puts("begun");
    std::fflush(stdout);
  }
  // The network works again: the next connection stays open.
  const auto calm = std::chrono::steady_clock::now() + calm_time;
  while (std::chrono::steady_clock::now() < calm) frame();
  for (const auto& client : clients) client->finish();
  while (!frame()) {
  }
  std::vector<std::string> reports;
  for (const auto& client : clients) reports.push_back(client->report());
  std::puts(joined(reports).c_str());
}
