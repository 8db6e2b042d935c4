// Grants: messages that the platform sends and receives without calling the core.
#include <cstddef>
#include <string>
#include <utility>

#include "catch.hpp"
#include "fixture.hpp"

using steady::Options;
using steady::Socket;
using steady::Subscription;
using steady::TransportSend;
using steady::testing::ManualRuntime;

namespace {

/// A socket whose messages can also be read and sent on the platform's side.
struct Granted {
  explicit Granted(Options options = options_for_tests()) : socket(std::move(options), runtime) {
    runtime.connection().take_grants();
    runtime.connection().accept();
  }
  const steady::Grant& grant() { return runtime.connection().granted(); }

  ManualRuntime runtime;
  Socket socket;
};

}  // namespace

TEST_CASE("an open connection without C++ readers grants received messages and send credit") {
  Granted f;
  CHECK(f.grant() == steady::Grant{true, false, std::size_t{64} << 10});
  f.socket.close();
  CHECK(f.grant() == steady::Grant{});
}

TEST_CASE("a C++ reader revokes the grant of received messages") {
  Granted f;
  const Subscription subscription = f.socket.on("a", [](const steady::Message&) {});
  CHECK_FALSE(f.grant().receive);
  CHECK(f.grant().send_credit > 0);
}

namespace {
struct Hit {};
}  // namespace

template <>
struct steady::Codec<Hit> {
  static Error decode(const Message&, Hit&) { return {}; }
};

TEST_CASE("a C++ reader of values revokes the grant as well") {
  Granted f;
  const Subscription subscription = f.socket.on<Hit>("hit", [](const Hit&) {});
  CHECK_FALSE(f.grant().receive);
}

TEST_CASE("credit that is still granted is not granted again") {
  Options options = options_for_tests();
  options.high_water_mark = 100;
  Granted f(std::move(options));
  REQUIRE(f.grant().send_credit == 100);
  f.runtime.connection().hold_buffer();
  f.runtime.connection().send_unasked(std::string(90, 'x'));
  const Subscription subscription = f.socket.on("a", [](const steady::Message&) {});
  CHECK(f.grant() == steady::Grant{false, false, 10});
}

TEST_CASE("received messages are not granted while an event is pending") {
  Granted f;
  const Subscription drops = f.socket.on_drop([](const steady::Drop&) {});
  f.runtime.connection().answer_send_with(TransportSend::refused);
  f.socket.send("x");
  CHECK_FALSE(f.grant().receive);
  f.runtime.run_posted();
  CHECK(f.grant().receive);
}

TEST_CASE("credit is the room in the platform's buffer, and 0 while messages are queued") {
  Options options = options_for_tests();
  options.high_water_mark = 100;
  Granted f(std::move(options));
  CHECK(f.grant().send_credit == 100);
  f.runtime.connection().hold_buffer();
  f.socket.send(std::string(30, 'x'));
  CHECK(f.grant().send_credit == 70);
  f.socket.send(std::string(80, 'x'));
  CHECK(f.grant().send_credit == 0);
  f.socket.send("waits");
  CHECK(f.socket.queued_messages() == 1);
  f.runtime.connection().drain();
  f.runtime.advance(20ms);
  CHECK(f.grant().send_credit == 95);
}

TEST_CASE("with batches no credit is granted, which keeps the order with the open batch") {
  Granted f(with([](Options& options) { options.batch.emplace(); }));
  CHECK(f.grant() == steady::Grant{true, true, 0});
}
