// Names with several addresses, and resolvers that hang.
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

/// Sockets that a program which this one starts would have.
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

TEST_CASE("an address that does not answer is overtaken by the next after a quarter of a second") {
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

TEST_CASE("an address that refuses is followed by the next at once") {
  Server server(echo);
  std::vector<std::string> addresses;
  for (int last = 2; last <= 21; ++last) addresses.push_back("127.0.0." + std::to_string(last));
  addresses.emplace_back("127.0.0.1");
  Wire wire(in_both({.hosts = {{"both.test", addresses}}}));
  const auto began = std::chrono::steady_clock::now();
  REQUIRE(wire.open_and_wait("ws://both.test:" + std::to_string(server.port())));
  // Twenty delays would be five seconds.
  CHECK(std::chrono::steady_clock::now() - began < 4s);
}

TEST_CASE("a name with addresses of both families reaches a server of either") {
  const std::string address = GENERATE("127.0.0.1", "::1");
  Server server(echo, address);
  Wire wire({.hosts = {{"both.test", {"::1", "127.0.0.1"}}}});
  CHECK(wire.open_and_wait("ws://both.test:" + std::to_string(server.port())));
  Wire numeric;
  CHECK(numeric.open_and_wait(server.url()));
}

TEST_CASE("the programs that a program starts do not have its connections") {
  const std::set<int> before = inherited_sockets();
  Server server(echo);
  Wire wire;
  REQUIRE(wire.open_and_wait(server.url()));
  CHECK(inherited_sockets() == before);
}

TEST_CASE("the system's resolver is asked for other names") {
  Server server(echo);
  Wire wire(in_both());
  CHECK(wire.open_and_wait("ws://localhost:" + std::to_string(server.port())));
}

TEST_CASE("addresses of both families take turns, the first one's first") {
  CHECK(steady::native::interleaved(addresses({"::1", "::2", "::3", "127.0.0.1"})) ==
        addresses({"::1", "127.0.0.1", "::2", "::3"}));
  CHECK(steady::native::interleaved(addresses({"127.0.0.1", "::1", "::2"})) ==
        addresses({"127.0.0.1", "::1", "::2"}));
  CHECK(steady::native::interleaved({}).empty());
}

TEST_CASE("a resolver that hangs is not waited for, and is asked once for a name") {
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

TEST_CASE("all who ask for a name hear its addresses") {
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

TEST_CASE("a resolver that throws is a name that could not be resolved") {
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
