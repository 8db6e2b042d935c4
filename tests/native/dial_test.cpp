// Hosts with several addresses, and resolvers that block.
#include <fcntl.h>
#include <sys/stat.h>

#include <atomic>
#include <chrono>
#include <set>
#include <string>
#include <vector>

#include "../../sdk/native/dialer.hpp"
#include "../../sdk/native/resolver.hpp"
#include "support/server.hpp"
#include "support/threadings.hpp"

using steady::native::Addresses;
using steady::native::Resolved;
using steady::native::Resolver;

namespace {

Addresses addresses(std::initializer_list<const char*> texts) {
  Addresses made;
  for (const char* const text : texts) made.push_back(boost::asio::ip::make_address(text));
  return made;
}

/// Sockets that a child process would inherit.
std::set<int> inherited_sockets() {
  std::set<int> found;
  for (int file = 0; file < 1'024; ++file) {
    struct stat about {};
    const int flags = fcntl(file, F_GETFD);
    if (flags < 0 || (flags & FD_CLOEXEC) != 0) continue;
    if (fstat(file, &about) == 0 && S_ISSOCK(about.st_mode)) found.insert(file);
  }
  return found;
}

}  // namespace

TEST_CASE("if an address does not answer, the next one is tried after 250 ms") {
  Server server(echo);
  const SilentPort silent("127.0.0.2", server.port());
  Wire wire(in_both({.hosts = {{"both.test", {"127.0.0.2", "127.0.0.1"}}}}));
  const auto began = std::chrono::steady_clock::now();
  REQUIRE(wire.open_and_wait("ws://both.test:" + std::to_string(server.port())));
  const auto took = std::chrono::steady_clock::now() - began;
  CHECK(took >= 250ms);
  CHECK(took < 5s);
  CHECK(server.connections() == 1);
}

TEST_CASE("if an address refuses the connection, the next one is tried at once") {
  Server server(echo);
  std::vector<std::string> addresses;
  for (int last = 2; last <= 21; ++last) addresses.push_back("127.0.0." + std::to_string(last));
  addresses.emplace_back("127.0.0.1");
  Wire wire(in_both({.hosts = {{"both.test", addresses}}}));
  const auto began = std::chrono::steady_clock::now();
  REQUIRE(wire.open_and_wait("ws://both.test:" + std::to_string(server.port())));
  // Twenty attempt delays would take five seconds.
  CHECK(std::chrono::steady_clock::now() - began < 4s);
}

TEST_CASE("a host with IPv4 and IPv6 addresses reaches a server on either") {
  const std::string address = GENERATE("127.0.0.1", "::1");
  Server server(echo, address);
  Wire wire({.hosts = {{"both.test", {"::1", "127.0.0.1"}}}});
  CHECK(wire.open_and_wait("ws://both.test:" + std::to_string(server.port())));
  Wire numeric;
  CHECK(numeric.open_and_wait(server.url()));
}

TEST_CASE("child processes do not inherit connections") {
  const std::set<int> before = inherited_sockets();
  Server server(echo);
  Wire wire;
  REQUIRE(wire.open_and_wait(server.url()));
  CHECK(inherited_sockets() == before);
}

TEST_CASE("names that are not in NativeOptions::hosts are resolved by the system") {
  Server server(echo);
  Wire wire(in_both());
  CHECK(wire.open_and_wait("ws://localhost:" + std::to_string(server.port())));
}

TEST_CASE("address families are interleaved, beginning with that of the first address") {
  CHECK(steady::native::interleaved(addresses({"::1", "::2", "::3", "127.0.0.1"})) ==
        addresses({"::1", "127.0.0.1", "::2", "::3"}));
  CHECK(steady::native::interleaved(addresses({"127.0.0.1", "::1", "::2"})) ==
        addresses({"127.0.0.1", "::1", "::2"}));
  CHECK(steady::native::interleaved({}).empty());
}

TEST_CASE("destroying a Resolver does not wait for a blocked lookup; requests share one per name") {
  std::atomic<bool> hangs = true;
  std::atomic<int> asked = 0;
  std::atomic<int> returned = 0;
  int answered = 0;
  boost::asio::io_context context;
  {
    Resolver resolver(context, [&](const std::string&) {
      ++asked;
      hangs.wait(true);
      ++returned;
      return Resolved{addresses({"127.0.0.1"}), {}};
    });
    for (int i = 0; i < 3; ++i) resolver.resolve("a.test", [&](const Resolved&) { ++answered; });
    resolver.resolve("b.test", [&](const Resolved&) { ++answered; });
    while (asked < 2) std::this_thread::yield();
  }
  hangs = false;
  hangs.notify_all();
  while (returned < 2) std::this_thread::yield();
  context.poll();
  CHECK(asked == 2);
  CHECK(answered == 0);
}

TEST_CASE("every request for a name receives its addresses") {
  boost::asio::io_context context;
  const auto work = boost::asio::make_work_guard(context);
  Resolver resolver(context, [](const std::string& name) {
    return Resolved{name == "a.test" ? addresses({"127.0.0.1"}) : Addresses{}, "no such name"};
  });
  std::size_t found = 0;
  std::string error;
  for (int i = 0; i < 3; ++i) {
    resolver.resolve("a.test", [&](const Resolved& one) { found += one.addresses.size(); });
  }
  resolver.resolve("b.test", [&](const Resolved& one) { error = one.error; });
  while (found < 3 || error.empty()) REQUIRE(context.run_one_for(10s) == 1);
  CHECK(found == 3);
  CHECK(error == "no such name");
}

TEST_CASE("an exception in a lookup is reported as a resolve error") {
  boost::asio::io_context context;
  const auto work = boost::asio::make_work_guard(context);
  Resolver resolver(context, [](const std::string&) -> Resolved {
    throw std::runtime_error("out of everything");
  });
  std::string error;
  resolver.resolve("a.test", [&](const Resolved& one) { error = one.error; });
  while (error.empty()) REQUIRE(context.run_one_for(10s) == 1);
  CHECK(error == "out of everything");
}
