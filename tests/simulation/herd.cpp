// A thousand clients of one server that goes down: all connections are lost at the same moment, and
// the server accepts again after a while. Measures the number of attempts, their peak, and the time
// until the clients are connected. Our row is our Socket on a virtual clock; those of others are
// their documented defaults, by the formula of their sources:
//
//   reconnecting-websocket 4.4.0  min(10 s, (1 s + a draw of 4 s, once for each client) * 1.3^n)
//   partysocket 1.3.0             min(10 s, 3 s * 1.3^n)
//   socket.io-client 4.8.4        min(5 s, 1 s * 2^n, half of it more or less, drawn each time)
//   phoenix 1.8                   10, 50, 100, 150, 200, 250, 500, 1000, 2000 ms, then 5 s
//
//   herd [seed]
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "steady/socket.hpp"
#include "steady/testing/manual_runtime.hpp"

namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using Times = std::vector<milliseconds>;

constexpr std::size_t clients = 1'000;

/// Attempts and connections since all connections were lost, at 0.
struct Seen {
  Times attempts;
  /// When each client was connected.
  Times back;
};

/// The largest number of attempts within 100 ms.
std::size_t peak(Times attempts) {
  std::sort(attempts.begin(), attempts.end());
  std::size_t most = 0;
  for (std::size_t first = 0, last = 0; last < attempts.size(); ++last) {
    while (attempts[last] - attempts[first] >= 100ms) ++first;
    most = std::max(most, last - first + 1);
  }
  return most;
}

/// The same, of the attempts since `begin`.
std::size_t peak_from(milliseconds begin, Times attempts) {
  std::erase_if(attempts, [begin](milliseconds at) { return at < begin; });
  return peak(std::move(attempts));
}

/// Time from the end of the downtime until `percent` of the clients are connected.
double seconds_until(Times back, std::size_t percent, milliseconds downtime) {
  std::sort(back.begin(), back.end());
  const milliseconds time = back.at(clients * percent / 100 - 1) - downtime;
  return static_cast<double>(time.count()) / 1'000;
}

/// Our Socket with its defaults. All clients share a clock; the server closes with `code`.
Seen ours(std::uint64_t seed, milliseconds downtime, std::uint16_t code) {
  steady::testing::ManualRuntime runtime(seed);
  steady::Options options;
  options.url = "ws://host";
  std::vector<std::unique_ptr<steady::Socket>> sockets;
  for (std::size_t i = 0; i < clients; ++i) {
    sockets.push_back(std::make_unique<steady::Socket>(options, runtime));
    runtime.connection().accept();
  }
  // Every connection is stable by then.
  runtime.advance(1min);
  const milliseconds begin = runtime.now();
  for (std::size_t i = 0; i < clients; ++i) {
    runtime.connection(i).close(code, {}, code != steady::close_code::abnormal);
  }
  Seen seen;
  for (std::size_t next = clients; seen.back.size() < clients;) {
    runtime.advance(1ms);
    const milliseconds now = runtime.now() - begin;
    for (; next < runtime.transports(); ++next) {
      seen.attempts.push_back(now);
      if (now < downtime) {
        runtime.connection(next).fail();
      } else {
        runtime.connection(next).accept();
        seen.back.push_back(now);
      }
    }
  }
  return seen;
}

using Draw = std::function<double()>;
/// Makes a client, which returns the delay in ms before its attempt n (from 0).
using Peer = std::function<std::function<double(int)>(const Draw&)>;

std::function<double(int)> reconnecting_websocket(const Draw& draw) {
  const double min = 1'000 + draw() * 4'000;
  return [min](int n) { return std::min(10'000.0, min * std::pow(1.3, n)); };
}

std::function<double(int)> partysocket(const Draw& /*draw*/) {
  return [](int n) { return std::min(10'000.0, 3'000 * std::pow(1.3, n)); };
}

/// backo2 limits the delay after the draw.
std::function<double(int)> socket_io(const Draw& draw) {
  return [draw](int n) {
    const double delay = 1'000 * std::pow(2, n);
    return std::min(5'000.0, std::floor(delay + (draw() * 2 - 1) * 0.5 * delay));
  };
}

std::function<double(int)> phoenix(const Draw& /*draw*/) {
  constexpr std::array<double, 9> delays{10, 50, 100, 150, 200, 250, 500, 1'000, 2'000};
  return [delays](int n) {
    const auto at = static_cast<std::size_t>(n);
    return at < delays.size() ? delays[at] : 5'000;
  };
}

Seen theirs(std::uint64_t seed, milliseconds downtime, const Peer& peer) {
  std::mt19937_64 engine(seed);
  const Draw draw = [&engine] { return static_cast<double>(engine() >> 11) * 0x1.0p-53; };
  Seen seen;
  for (std::size_t i = 0; i < clients; ++i) {
    const auto delay = peer(draw);
    milliseconds now{0};
    for (int n = 0;; ++n) {
      now += milliseconds(std::llround(delay(n)));
      seen.attempts.push_back(now);
      if (now >= downtime) break;
    }
    seen.back.push_back(now);
  }
  return seen;
}

struct Row {
  const char* name;
  std::function<Seen(std::uint64_t seed, milliseconds downtime)> run;
  bool is_peer;
  /// The server has closed with 1012, which asks clients for a delay.
  bool is_restart = false;
};

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t seed = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1;
  const auto peer = [](const Peer& formula) {
    return [formula](std::uint64_t from, milliseconds downtime) {
      return theirs(from, downtime, formula);
    };
  };
  const auto socket = [](std::uint16_t code) {
    return [code](std::uint64_t from, milliseconds downtime) { return ours(from, downtime, code); };
  };
  const std::vector<Row> rows{
      {"steadysocket", socket(steady::close_code::abnormal), false},
      {"steadysocket, closed with 1012", socket(1012), false, true},
      {"reconnecting-websocket 4.4", peer(reconnecting_websocket), true},
      {"partysocket 1.3", peer(partysocket), true},
      {"socket.io-client 4", peer(socket_io), true},
      {"phoenix 1.8", peer(phoenix), true},
  };

  std::printf("%zu clients, seed %llu\n\n", clients, static_cast<unsigned long long>(seed));
  std::printf(
      "| downtime | client | peak in 100 ms | peak once it is back | attempts | "
      "50 %% back | 99 %% back |\n");
  std::printf("| --- | --- | ---: | ---: | ---: | ---: | ---: |\n");
  bool is_good = true;
  const auto expect = [&is_good](bool is_so, const char* what) {
    if (!is_so) std::printf("failed: %s\n", what);
    is_good = is_good && is_so;
  };
  for (const milliseconds downtime : {0ms, 4'000ms, 5'000ms, 30'000ms, 60'000ms}) {
    std::size_t restart_peak = 0;
    std::size_t best_peak = clients;
    for (const Row& row : rows) {
      const Seen seen = row.run(seed, downtime);
      const std::size_t most = peak(seen.attempts);
      if (row.is_peer) best_peak = std::min(best_peak, most);
      if (row.is_restart) restart_peak = most;
      if (!row.is_peer && !row.is_restart) {
        expect(most <= 140, "at most 140 attempts in 100 ms during the downtime");
        expect(seconds_until(seen.back, 99, downtime) <= 4.8, "99 % are connected after 4.8 s");
        expect(seconds_until(seen.back, 50, downtime) <= 1.8, "half are connected after 1.8 s");
        expect(downtime == 0ms || peak_from(downtime, seen.attempts) < 60,
               "fewer than 60 attempts in 100 ms after the downtime");
      }
      std::printf("| %lld s | %s | %zu | %zu | %zu | %.1f s | %.1f s |\n",
                  static_cast<long long>(downtime.count() / 1'000), row.name, most,
                  peak_from(downtime, seen.attempts), seen.attempts.size(),
                  seconds_until(seen.back, 50, downtime), seconds_until(seen.back, 99, downtime));
    }
    // After 1012 our peak must not exceed that of any other client.
    if (restart_peak > best_peak) {
      std::printf("%zu at once: the best of the others has %zu\n", restart_peak, best_peak);
      is_good = false;
    }
  }
  return is_good ? EXIT_SUCCESS : EXIT_FAILURE;
}
