// The cost of a message in a desktop client: steady::Socket on NativeRuntime, compared with a bare
// Boost.Beast client. The server, in a thread of its own, writes prepared frames and reads bytes;
// measured is the processor time of the client's thread. Prints a JSON array of
// { table, line, client, value, ratio }; part.mjs runs it.
#include <time.h>

#include <algorithm>
#include <atomic>
// Needed by Boost 1.74's awaitable.hpp, which does not include it.
#include <utility>

#include <boost/asio.hpp>
#include <boost/beast.hpp>
#include <chrono>
#include <cstdio>
#include <deque>
#include <functional>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "steady/native/native_runtime.hpp"
#include "steady/socket.hpp"

namespace {

namespace beast = boost::beast;
namespace asio = boost::asio;
using asio::ip::tcp;
using Stream = beast::websocket::stream<tcp::socket>;
using namespace std::chrono_literals;

constexpr int rounds = 15;

unsigned sum = 0;
void look_at(const char* data, std::size_t size) {
  sum += static_cast<unsigned char>(data[0]) + static_cast<unsigned char>(data[size - 1]);
}

/// The text of every message: `size` bytes.
std::string message_of(std::size_t size) {
  std::string text = R"({"type":"chat","text":")";
  text.resize(std::max(size, text.size() + 2) - 2, 'x');
  return text + "\"}";
}

/// An unmasked frame of a server (RFC 6455 5.2).
std::string frame_of(const std::string& payload) {
  std::string header = "\x81";
  const std::size_t size = payload.size();
  const auto put = [&](int bytes) {
    while (bytes-- > 0) header.push_back(static_cast<char>(size >> (8 * bytes)));
  };
  if (size < 126) {
    put(1);
  } else if (size < 65'536) {
    header.push_back(126);
    put(2);
  } else {
    header.push_back(127);
    put(8);
  }
  return header + payload;
}

/// Parses the number at the beginning of a string.
std::size_t number_in(const std::string& text) { return std::stoull(text); }

/// Serves one connection. On "COUNT SIZE" it sends so many messages of this size; on "-COUNT" it
/// reads so many, and replies.
void serve(tcp::socket socket) {
  Stream stream(std::move(socket));
  stream.next_layer().set_option(tcp::no_delay(true));
  beast::error_code error;
  stream.accept(error);
  beast::flat_buffer buffer;
  while (!error) {
    buffer.clear();
    stream.read(buffer, error);
    if (error) return;
    const std::string order = beast::buffers_to_string(buffer.data());
    if (order[0] == '-') {
      for (std::size_t left = number_in(order.substr(1)); left > 0 && !error; --left) {
        buffer.clear();
        stream.read(buffer, error);
      }
      stream.write(asio::buffer(std::string("done")), error);
      continue;
    }
    std::size_t left = number_in(order);
    const std::string one = frame_of(message_of(number_in(order.substr(order.find(' ') + 1))));
    std::string many;
    const std::size_t each = std::max<std::size_t>(1, 65'536 / one.size());
    for (std::size_t i = 0; i < each; ++i) many += one;
    while (left > 0 && !error) {
      const std::size_t count = std::min(left, each);
      asio::write(stream.next_layer(), asio::buffer(many.data(), count * one.size()), error);
      left -= count;
    }
  }
}

class Server {
 public:
  Server() : acceptor_(context_, {asio::ip::address_v4::loopback(), 0}) {
    thread_ = std::thread([this] {
      for (;;) {
        beast::error_code error;
        tcp::socket socket(context_);
        acceptor_.accept(socket, error);
        if (error || stopped_) return;
        connections_.emplace_back(serve, std::move(socket));
      }
    });
  }
  ~Server() {
    stopped_ = true;
    // Wakes the server.
    tcp::socket socket(context_);
    beast::error_code error;
    socket.connect(acceptor_.local_endpoint(), error);
    thread_.join();
    for (std::thread& connection : connections_) connection.join();
  }
  unsigned short port() const { return acceptor_.local_endpoint().port(); }

 private:
  asio::io_context context_;
  tcp::acceptor acceptor_;
  std::atomic<bool> stopped_ = false;
  std::thread thread_;
  std::vector<std::thread> connections_;
};

/// A measured client.
class Client {
 public:
  virtual ~Client() = default;
  virtual void send(const std::string& text) = 0;
  /// Waits until so many messages were received since the last call.
  virtual void receive(std::size_t count) = 0;
};

/// Boost.Beast as in its examples: one read and one write at a time.
class Bare final : public Client {
 public:
  explicit Bare(unsigned short port) {
    stream_.next_layer().connect({asio::ip::address_v4::loopback(), port});
    stream_.next_layer().set_option(tcp::no_delay(true));
    stream_.handshake("127.0.0.1", "/");
    read();
  }

  void send(const std::string& text) override {
    waiting_.push_back(text);
    if (waiting_.size() == 1) write();
  }

  void receive(std::size_t count) override {
    while (received_ < count) {
      context_.run_one();
    }
    received_ -= count;
  }

 private:
  void read() {
    stream_.async_read(buffer_, [this](beast::error_code error, std::size_t size) {
      if (error) return;
      look_at(static_cast<const char*>(buffer_.data().data()), size);
      buffer_.consume(size);
      ++received_;
      read();
    });
  }
  void write() {
    stream_.async_write(asio::buffer(waiting_.front()),
                        [this](beast::error_code error, std::size_t) {
                          if (error) return;
                          waiting_.pop_front();
                          if (!waiting_.empty()) write();
                        });
  }

  asio::io_context context_{1};
  Stream stream_{context_};
  beast::flat_buffer buffer_;
  std::deque<std::string> waiting_;
  std::size_t received_ = 0;
};

class Steady final : public Client {
 public:
  Steady(unsigned short port, steady::Dispatch dispatch, steady::native::Threading threading)
      : runtime_({.threading = threading, .proxy = ""}),
        socket_({.url = "ws://127.0.0.1:" + std::to_string(port) + "/",
                 .dispatch = dispatch,
                 .queue = {.max_messages = 1'000'000, .max_bytes = std::size_t{1} << 30},
                 .inbound = {.max_messages = 1'000'000, .max_bytes = std::size_t{1} << 30}},
                runtime_) {
    socket_
        .on_message([this](const steady::Message& message) {
          look_at(message.data.data(), message.data.size());
          ++received_;
        })
        .keep();
    while (socket_.state() != steady::State::open) poll();
  }

  void send(const std::string& text) override { socket_.send(text); }

  void receive(std::size_t count) override {
    while (received_ < count) poll();
    received_ -= count;
  }

 private:
  void poll() {
    runtime_.run_for(100ms);
    socket_.poll();
  }

  steady::native::NativeRuntime runtime_;
  steady::Socket socket_;
  std::size_t received_ = 0;
};

/// Processor time of this thread.
double processor_nanoseconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

using Measure = std::function<double(Client&)>;

double receive(Client& client, std::size_t size, std::size_t count) {
  client.send(std::to_string(count) + " " + std::to_string(size));
  const double begin = processor_nanoseconds();
  client.receive(count);
  return (processor_nanoseconds() - begin) / static_cast<double>(count);
}

double send(Client& client, std::size_t size, std::size_t count) {
  const std::string text = message_of(size);
  client.send("-" + std::to_string(count));
  const double begin = processor_nanoseconds();
  for (std::size_t sent = 0; sent < count; ++sent) client.send(text);
  client.receive(1);
  return (processor_nanoseconds() - begin) / static_cast<double>(count);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

struct Contender {
  const char* name;
  std::unique_ptr<Client> client;
};

void compare(const char* table, const std::string& line, std::vector<Contender>& clients,
             const Measure& measure) {
  static bool is_first = true;
  static std::mt19937 dice(std::random_device{}());
  std::vector<std::vector<double>> values(clients.size());
  std::vector<std::size_t> order(clients.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  for (std::size_t i : order) measure(*clients[i].client);
  for (int round = 0; round < rounds; ++round) {
    // In random order, so that disturbances affect all clients.
    std::shuffle(order.begin(), order.end(), dice);
    for (std::size_t i : order) values[i].push_back(measure(*clients[i].client));
  }
  for (std::size_t i = 0; i < clients.size(); ++i) {
    std::vector<double> ratios;
    for (std::size_t round = 0; round < rounds; ++round) {
      ratios.push_back(values[i][round] / values[0][round]);
    }
    std::printf(
        "%s{\"table\":\"%s\",\"line\":\"%s\",\"client\":\"%s\",\"value\":%.1f,\"ratio\":%.4f}",
        std::exchange(is_first, false) ? "" : ",\n", table, line.c_str(), clients[i].name,
        median(values[i]), median(ratios));
  }
}

}  // namespace

int main() {
  using steady::Dispatch;
  using steady::native::Threading;
  Server server;
  {
    std::vector<Contender> clients;
    const auto add = [&](const char* name, std::unique_ptr<Client> client) {
      clients.push_back({name, std::move(client)});
    };
    const auto steady_with = [&](Dispatch dispatch, Threading threading) {
      return std::make_unique<Steady>(server.port(), dispatch, threading);
    };
    add("Beast", std::make_unique<Bare>(server.port()));
    add("Beast again", std::make_unique<Bare>(server.port()));
    add("steady", steady_with(Dispatch::immediate, Threading::caller));
    add("steady queued", steady_with(Dispatch::queued, Threading::caller));
    add("steady, I/O thread", steady_with(Dispatch::immediate, Threading::io_thread));

    std::printf("[");
    struct Size {
      std::size_t bytes;
      const char* name;
      std::size_t count;
    };
    for (const Size& size : {Size{60, "60 B", 20'000}, Size{1'024, "1 KB", 10'000},
                             Size{16'384, "16 KB", 2'000}, Size{262'144, "256 KB", 100}}) {
      compare("receive", size.name, clients,
              [&](Client& client) { return receive(client, size.bytes, size.count); });
      compare("send", size.name, clients,
              [&](Client& client) { return send(client, size.bytes, size.count); });
    }
    std::printf("]\n");
  }
  // Keeps the compiler from removing the reads of the payload.
  return sum == 1 ? 1 : 0;
}
