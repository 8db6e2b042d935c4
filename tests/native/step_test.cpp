// The steps of an attempt and a connection, for Options::log.
#include <algorithm>

#include "support/certificates.hpp"
#include "support/proxy_server.hpp"
#include "support/seen.hpp"
#include "support/server.hpp"
#include "support/threadings.hpp"

using steady::native::NativeOptions;
using Log = std::vector<std::string>;

namespace {

struct LoggingWire {
  explicit LoggingWire(NativeOptions options) : wire(std::move(options)) {
    wire.reports_steps = true;
  }
  bool has(const std::string& step) const {
    return std::find(wire.log.begin(), wire.log.end(), step) != wire.log.end();
  }

  Wire wire;
};

std::string on_port(const Server& server) { return ":" + std::to_string(server.port()); }

}  // namespace

TEST_CASE("the steps of a connection are reported in order with its other events") {
  Server server([](Peer& peer) {
    peer.upgrade("Sec-WebSocket-Protocol: b\r\n");
    peer.write_frame({opcode::text, true, false, "one"});
    peer.write_frame({opcode::ping, true, false, "secret"});
    peer.write_frame({opcode::text, true, false, "two"});
    peer.read_frame();
    peer.write_close(1000);
    peer.read_frame();
  });
  LoggingWire logging(in_both({.hosts = {{"chat.test", {"127.0.0.1"}}}}));
  Wire& wire = logging.wire;
  REQUIRE_FALSE(wire.open("ws://user:secret@chat.test" + on_port(server) + "/a/b?token=secret",
                          {"b"}, {{"Authorization", "Bearer secret"}}));
  REQUIRE(wire.eventually([&] { return wire.closed.has_value(); }));
  const std::string where = "127.0.0.1" + on_port(server);
  CHECK(wire.log == Log{"resolved chat.test by NativeOptions::hosts: 127.0.0.1",
                        "connecting to " + where, "connected to " + where,
                        "handshake sent: GET /a/b",
                        "the server answered 101 Switching Protocols, subprotocol b", "(open)",
                        "(message)", "received a ping", "(message)", "(closed)"});
}

TEST_CASE("a step contains no credentials, query or value of a header field") {
  Server server([](Peer& peer) {
    peer.read_head();
    peer.write(
        "HTTP/1.1 401 Unauthorized\r\nSet-Cookie: secret\r\nWWW-Authenticate: secret\r\n"
        "Content-Length: 0\r\n\r\n");
    peer.wait_for_end();
  });
  ProxyServer proxy(server.port());
  LoggingWire logging(in_both({.proxy = proxy.url("user:secret@")}));
  Wire& wire = logging.wire;
  REQUIRE_FALSE(wire.open("ws://user:secret@far.test/?secret", {},
                          {{"Authorization", "Bearer secret"}, {"Cookie", "secret"}}));
  REQUIRE(wire.eventually([&] { return wire.closed.has_value(); }));
  CHECK(wire.log.size() > 5);
  for (const std::string& step : wire.log) {
    INFO(step);
    CHECK(step.find("secret") == std::string::npos);
    CHECK(step.find("c2VjcmV0") == std::string::npos);
  }
  CHECK(logging.has("the server answered 401 Unauthorized"));
}

TEST_CASE(
    "the steps through a proxy and of TLS name the tunnel, the protocol and the certificate") {
  const Identity authority = make_authority();
  const auto context =
      make_server_context(issue(authority, {.names = "DNS:far.test,DNS:other.test,IP:127.0.0.1"}));
  Server server([&](Peer& peer) {
    peer.start_tls(*context);
    echo(peer);
  });
  ProxyServer proxy(server.port());
  LoggingWire logging(in_both({.tls = {.extra_roots = authority.pem()}, .proxy = proxy.url()}));
  Wire& wire = logging.wire;
  REQUIRE(wire.open_and_wait("wss://far.test/chat"));
  const std::string at_proxy = "127.0.0.1" + on_port(proxy.server);
  CHECK(wire.log == Log{"connecting to " + at_proxy, "connected to " + at_proxy,
                        "requesting a tunnel to far.test:443 from the proxy " + at_proxy,
                        "the proxy " + at_proxy + " answered 200 Connection established",
                        "TLS established: TLSv1.3, TLS_AES_256_GCM_SHA384, certificate of "
                        "CN=a test's server (far.test, other.test), verified",
                        "handshake sent: GET /chat", "the server answered 101 Switching Protocols",
                        "(open)"});
}

TEST_CASE("the step of TLS says that a certificate was not verified") {
  const auto context = make_server_context(make_authority());
  Server server([&](Peer& peer) {
    peer.start_tls(*context);
    echo(peer);
  });
  LoggingWire logging(
      {.tls = {.verification = steady::native::Verification::dangerously_off}, .proxy = ""});
  REQUIRE(logging.wire.open_and_wait("wss://127.0.0.1" + on_port(server)));
  CHECK(
      logging.has("TLS established: TLSv1.3, TLS_AES_256_GCM_SHA384, certificate of CN=a test's "
                  "authority, not verified"));
}

TEST_CASE("each address that fails is a step, and so is a name without addresses") {
  Server server(echo);
  // Nothing listens on this port of the other address.
  LoggingWire logging(in_both({.hosts = {{"chat.test", {"127.0.0.9", "127.0.0.1"}}}}));
  REQUIRE(logging.wire.open_and_wait("ws://chat.test" + on_port(server)));
  const std::string other = "127.0.0.9" + on_port(server);
  const std::string where = "127.0.0.1" + on_port(server);
  Log steps = logging.wire.log;
  steps.resize(5);
  CHECK(steps == Log{"resolved chat.test by NativeOptions::hosts: 127.0.0.9, 127.0.0.1",
                     "connecting to " + other,
                     "could not connect to " + other + ": Connection refused",
                     "connecting to " + where, "connected to " + where});

  LoggingWire nowhere({});
  REQUIRE_FALSE(nowhere.wire.open("ws://nowhere.invalid/"));
  REQUIRE(nowhere.wire.eventually([&] { return nowhere.wire.closed.has_value(); }));
  REQUIRE(nowhere.wire.log.size() == 3);
  CHECK(nowhere.wire.log[0] == "resolving nowhere.invalid");
  CHECK(nowhere.wire.log[1] == nowhere.wire.error());

  LoggingWire local({});
  REQUIRE(local.wire.open_and_wait("ws://localhost" + on_port(server)));
  CHECK(local.wire.log[0] == "resolving localhost");
  CHECK(local.wire.log[1].starts_with("resolved localhost: "));
  CHECK(local.wire.log[1].find("127.0.0.1") != std::string::npos);
}

TEST_CASE("pings of keep_alive, their pongs, and frames of a large message are steps") {
  Server server(echo);
  LoggingWire logging(in_both({.compression = {{.level = 1}}, .keep_alive = 200ms}));
  Wire& wire = logging.wire;
  REQUIRE(wire.open_and_wait(server.url()));
  REQUIRE(wire.eventually([&] { return logging.has("received a pong"); }));
  const auto at = [&](const std::string& step) {
    return std::find(wire.log.begin(), wire.log.end(), step) - wire.log.begin();
  };
  CHECK(at("sent a ping") < at("received a pong"));
  wire.send(std::string(65'536, 'x'));
  wire.send(std::string(65'537, 'y'));
  REQUIRE(wire.eventually([&] { return wire.messages.size() == 2; }));
  CHECK(logging.has("a message of 65537 bytes is sent in 2 frames"));
  CHECK_FALSE(logging.has("a message of 65536 bytes is sent in 1 frames"));
}

TEST_CASE("the selected extension is a step, without its parameters") {
  Server server([](Peer& peer) {
    peer.upgrade("Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover\r\n");
    peer.wait_for_end();
  });
  LoggingWire logging({.compression = {{.level = 1}}});
  REQUIRE(logging.wire.open_and_wait(server.url()));
  CHECK(logging.has("the server answered 101 Switching Protocols, extension permessage-deflate"));
}

TEST_CASE("a step is one line of printable characters, whatever the server sends") {
  Server proxy([](Peer& peer) {
    peer.read_head();
    peer.write("HTTP/1.1 200 \x1b[2J\n\xff" + std::string(5'000, 'x') + "\r\n\r\n");
    peer.wait_for_end();
  });
  LoggingWire logging({.proxy = "127.0.0.1" + on_port(proxy)});
  Wire& wire = logging.wire;
  REQUIRE_FALSE(wire.open("ws://far.test/"));
  REQUIRE(wire.eventually([&] { return wire.log.size() >= 4; }));
  const std::string start = "the proxy 127.0.0.1" + on_port(proxy) + " answered 200 ?[2J??xxx";
  CHECK(wire.log[3].starts_with(start));
  CHECK(wire.log[3].size() == 1'024 + 3);
}

TEST_CASE("steps that wait for poll() are bounded") {
  Seen<int> sent;
  Server server([&](Peer& peer) {
    peer.upgrade();
    for (int i = 0; i < 5'000; ++i) peer.write_frame({opcode::ping, true, false, {}});
    // Answered by the I/O thread after all of them.
    peer.write_frame({opcode::ping, true, false, "last"});
    while (peer.read_frame().payload != "last") {
    }
    sent.add(1);
    peer.wait_for_end();
  });
  LoggingWire logging({.threading = steady::native::Threading::io_thread});
  Wire& wire = logging.wire;
  REQUIRE(wire.open_and_wait(server.url()));
  wire.log.clear();
  // Without poll().
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (sent.size() == 0 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  REQUIRE(sent.size() == 1);
  wire.runtime.poll();
  REQUIRE_FALSE(wire.log.empty());
  CHECK(wire.log.size() <= 1'025);
  CHECK(wire.log.back().ends_with(" more steps"));
}

TEST_CASE("no steps are reported unless they are requested") {
  Server server(echo);
  Wire wire(in_both({.keep_alive = 200ms}));
  REQUIRE(wire.open_and_wait(server.url()));
  wire.send(std::string(70'000, 'x'));
  REQUIRE(wire.eventually([&] { return wire.messages.size() == 1; }));
  CHECK(wire.log == Log{"(open)"});
}
