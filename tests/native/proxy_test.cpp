// Selection of proxies, and the CONNECT request.
#include <map>

#include "../../sdk/native/proxy.hpp"
#include "support/certificates.hpp"
#include "support/proxy_server.hpp"
#include "support/seen.hpp"
#include "support/server.hpp"
#include "support/threadings.hpp"
#include "support/variable.hpp"

using steady::native::Address;
using steady::native::NativeOptions;

namespace {

std::string chosen(const std::map<std::string, std::string>& environment, const std::string& url) {
  std::string why;
  const auto address = steady::native::parse_url(url, why);
  REQUIRE(address);
  return steady::native::proxy_from(
      [&](const char* name) -> const char* {
        const auto found = environment.find(name);
        return found == environment.end() ? nullptr : found->second.c_str();
      },
      *address);
}

}  // namespace

TEST_CASE("a proxy receives CONNECT, with the credentials of its URL") {
  Server server(echo);
  ProxyServer proxy(server.port());
  Wire wire(in_both({.proxy = proxy.url("user:p%40ss@")}));
  REQUIRE(wire.open_and_wait("ws://far.test/"));
  const std::string request = proxy.requests.last();
  CHECK(request.starts_with("CONNECT far.test:80 HTTP/1.1\r\n"));
  CHECK(field_of(request, "Host") == "far.test:80");
  CHECK(field_of(request, "Proxy-Authorization") == "Basic dXNlcjpwQHNz");
  CHECK(field_of(request, "User-Agent").starts_with("steadysocket/"));
  wire.send("through");
  REQUIRE(wire.eventually([&] { return wire.messages.size() == 1; }));
  CHECK(wire.messages[0].data == "through");
}

TEST_CASE("headers are sent to the server and not to the proxy") {
  Seen<std::string> at_server;
  Server server([&](Peer& peer) { peer.upgrade({}, at_server.adder()); });
  ProxyServer proxy(server.port());
  Wire wire(in_both({.proxy = proxy.url(), .user_agent = "game/2"}));
  REQUIRE(wire.open_and_wait("ws://far.test/", {{"Authorization", "Bearer x"}}));
  CHECK(field_of(at_server.last(), "Authorization") == "Bearer x");
  CHECK(proxy.requests.last().find("Bearer") == std::string::npos);
  CHECK(field_of(proxy.requests.last(), "User-Agent") == "game/2");
}

TEST_CASE("TLS through a proxy verifies the certificate of the server") {
  const Identity authority = make_authority();
  const auto context = make_server_context(issue(authority, {"DNS:far.test"}));
  Server server([&](Peer& peer) {
    peer.start_tls(*context);
    echo(peer);
  });
  ProxyServer proxy(server.port());
  Wire wire({.tls = {.extra_roots = authority.pem()}, .proxy = proxy.url()});
  REQUIRE(wire.open_and_wait("wss://far.test/"));
  CHECK(proxy.requests.last().starts_with("CONNECT far.test:443 HTTP/1.1\r\n"));
  CHECK(field_of(proxy.requests.last(), "Proxy-Authorization").empty());
}

TEST_CASE("the proxy of the environment is used unless the options disable proxies") {
  Server server(echo);
  ProxyServer proxy(server.port());
  const Variable variable("http_proxy", proxy.url());
  {
    Wire wire;
    REQUIRE(wire.open_and_wait("ws://far.test/"));
    CHECK(proxy.requests.size() == 1);
  }
  Wire wire({.proxy = "", .hosts = {{"far.test", {"127.0.0.1"}}}});
  REQUIRE(wire.open_and_wait("ws://far.test:" + std::to_string(server.port())));
  CHECK(proxy.requests.size() == 1);
}

TEST_CASE("an invalid or negative response of a proxy is reported in the error") {
  const auto [answer, expected] = GENERATE(table<std::string, std::string>(
      {{"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n",
        "the proxy answered 407 Proxy Authentication Required"},
       {"SSH-2.0-x\r\n\r\n", "the proxy's response is not HTTP"},
       {"HTTP/1.1 200 OK\r\n\r\nmore", "the proxy sent data after its response header"},
       {std::string(20'000, 'x'), "the proxy's response header exceeds 16 KiB"}}));
  Server proxy([&](Peer& peer) {
    peer.read_head();
    peer.write(answer);
    peer.wait_for_end();
  });
  Wire wire(in_both({.proxy = "127.0.0.1:" + std::to_string(proxy.port())}));
  REQUIRE_FALSE(wire.open("ws://far.test/"));
  REQUIRE(wire.eventually([&] { return wire.closed.has_value(); }));
  CHECK(wire.error() == expected);
}

TEST_CASE("a proxy that is unreachable, or closes the connection, is reported") {
  std::uint16_t port = 0;
  {
    port = Server([](Peer&) {}).port();
  }
  const std::string where = "127.0.0.1:" + std::to_string(port);
  Wire gone({.proxy = where});
  REQUIRE_FALSE(gone.open("ws://far.test/"));
  REQUIRE(gone.eventually([&] { return gone.closed.has_value(); }));
  CHECK(gone.error() == "could not connect to the proxy " + where + ": Connection refused");

  Server silent([](Peer& peer) { peer.read_head(); });
  Wire wire({.proxy = "127.0.0.1:" + std::to_string(silent.port())});
  REQUIRE_FALSE(wire.open("ws://far.test/"));
  REQUIRE(wire.eventually([&] { return wire.closed.has_value(); }));
  CHECK(wire.error().starts_with("the proxy closed the connection: "));
}

TEST_CASE("environment variables are interpreted as in curl") {
  const std::map<std::string, std::string> both = {{"http_proxy", "p:1"}, {"https_proxy", "p:2"}};
  CHECK(chosen(both, "ws://a.test") == "p:1");
  CHECK(chosen(both, "wss://a.test") == "p:2");
  CHECK(chosen({{"HTTPS_PROXY", "p:2"}}, "wss://a.test") == "p:2");
  // A web server sets HTTP_PROXY from a request header of its client (CVE-2016-5385).
  CHECK(chosen({{"HTTP_PROXY", "p:1"}}, "ws://a.test").empty());
  CHECK(chosen({{"all_proxy", "p:3"}}, "ws://a.test") == "p:3");
  CHECK(chosen({{"ALL_PROXY", "p:3"}}, "wss://a.test") == "p:3");
  CHECK(chosen({{"all_proxy", "p:3"}, {"http_proxy", ""}}, "ws://a.test") == "p:3");
  CHECK(chosen({}, "ws://a.test").empty());
}

TEST_CASE("loopback hosts do not use a proxy from the environment") {
  const std::string host =
      GENERATE("localhost", "a.localhost", "localhost.", "127.0.0.1", "127.8.8.8", "[::1]");
  CHECK(chosen({{"all_proxy", "p:3"}}, "ws://" + host).empty());
}

TEST_CASE("no_proxy matches domains, addresses and networks") {
  const auto is_direct = [](const std::string& exceptions, const std::string& host) {
    return chosen({{"all_proxy", "p:3"}, {"no_proxy", exceptions}}, "ws://" + host).empty();
  };
  CHECK(is_direct("*", "a.test"));
  CHECK(is_direct("b.test,a.test", "a.test"));
  CHECK(is_direct("b.test a.test", "x.a.test"));
  CHECK(is_direct(".A.test", "a.test"));
  CHECK(is_direct("a.test", "A.test."));
  CHECK(is_direct("a.test.", "x.a.test"));
  CHECK_FALSE(is_direct("a.test", "ba.test"));
  CHECK_FALSE(is_direct("x.a.test", "a.test"));
  CHECK_FALSE(is_direct("", "a.test"));
  CHECK(is_direct("10.1.2.3", "10.1.2.3"));
  CHECK(is_direct("10.0.0.0/8", "10.1.2.3"));
  CHECK_FALSE(is_direct("10.0.0.0/16", "10.1.2.3"));
  CHECK_FALSE(is_direct("10.0.0.0/x", "10.1.2.3"));
  CHECK_FALSE(is_direct("10.0.0.0/33", "10.1.2.3"));
  CHECK(is_direct("fd00::/8", "[fd12::1]"));
  CHECK(is_direct("[fd12::1]", "[fd12::1]"));
  CHECK_FALSE(is_direct("0.0.0.0/0", "[fd12::1]"));
  CHECK(chosen({{"all_proxy", "p:3"}, {"NO_PROXY", "a.test"}}, "ws://a.test").empty());
}
