// The opening handshake, and the errors when it fails.
#include "support/seen.hpp"
#include "support/server.hpp"
#include "support/threadings.hpp"

using steady::ErrorCode;
using steady::native::NativeOptions;

namespace {

/// Answers every request with this header.
Server::Script answering(const std::string& head) {
  return [head](Peer& peer) {
    peer.read_head();
    peer.write(head + "Content-Length: 0\r\n\r\n");
    peer.wait_for_end();
  };
}

/// Checks that the attempt fails, and returns its error message.
std::string failure_of(Wire& wire, const std::string& url,
                       std::vector<std::string> subprotocols = {}) {
  REQUIRE_FALSE(wire.open(url, std::move(subprotocols)));
  REQUIRE(wire.eventually([&] { return wire.closed.has_value(); }));
  CHECK_FALSE(wire.is_open);
  CHECK(wire.closed->code == 1006);
  CHECK_FALSE(wire.closed->was_clean);
  REQUIRE(wire.errors.size() == 1);
  CHECK(wire.errors.front().code == ErrorCode::connection_failed);
  CHECK(wire.closed->reason == wire.error());
  return wire.error();
}

}  // namespace

TEST_CASE("the opening handshake is a request as in RFC 6455") {
  Seen<std::string> requests;
  Server server([&](Peer& peer) {
    peer.upgrade({}, requests.adder());
    echo_frames(peer);
  });
  Wire wire(in_both());
  REQUIRE(wire.open_and_wait(server.url("/chat?room=\xC3\xA9"),
                             {{"Authorization", "Bearer x"}, {"Origin", "https://a.test"}}));
  const std::string request = requests.last();
  CHECK(request.starts_with("GET /chat?room=%C3%A9 HTTP/1.1\r\n"));
  CHECK(field_of(request, "Host") == "127.0.0.1:" + std::to_string(server.port()));
  CHECK(field_of(request, "Sec-WebSocket-Version") == "13");
  CHECK(field_of(request, "User-Agent").starts_with("steadysocket/"));
  CHECK(field_of(request, "Authorization") == "Bearer x");
  CHECK(field_of(request, "Origin") == "https://a.test");
  CHECK(field_of(request, "Sec-WebSocket-Protocol").empty());
  CHECK(field_of(request, "Sec-WebSocket-Extensions").empty());
  CHECK(wire.transport->subprotocol().empty());
}

TEST_CASE("user and password in the URL are sent as Basic credentials") {
  Seen<std::string> requests;
  Server server([&](Peer& peer) { peer.upgrade({}, requests.adder()); });
  Wire wire;
  REQUIRE(
      wire.open_and_wait("ws://Aladdin:open%20sesame@127.0.0.1:" + std::to_string(server.port())));
  // RFC 7617 2.
  CHECK(field_of(requests.last(), "Authorization") == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  wire.is_open = false;
  REQUIRE(wire.open_and_wait("ws://Aladdin@127.0.0.1:" + std::to_string(server.port())));
  CHECK(field_of(requests.last(), "Authorization") == "Basic QWxhZGRpbjo=");
}

TEST_CASE("User-Agent comes from the attempt's headers, else from the options, else the default") {
  Seen<std::string> requests;
  Server server([&](Peer& peer) { peer.upgrade({}, requests.adder()); });
  Wire wire({.user_agent = "game/2"});
  REQUIRE(wire.open_and_wait(server.url()));
  CHECK(field_of(requests.last(), "User-Agent") == "game/2");
  wire.is_open = false;
  REQUIRE(wire.open_and_wait(server.url(), {{"user-agent", "game/3"}}));
  CHECK(requests.last().find("game/2") == std::string::npos);
  CHECK(field_of(requests.last(), "user-agent") == "game/3");
}

TEST_CASE("the subprotocol that the server selects is reported") {
  Seen<std::string> requests;
  Server server([&](Peer& peer) {
    peer.upgrade("Sec-WebSocket-Protocol: b\r\n", requests.adder());
    peer.wait_for_end();
  });
  Wire wire(in_both());
  REQUIRE_FALSE(wire.open(server.url(), {"a", "b"}));
  REQUIRE(wire.eventually([&] { return wire.is_open; }));
  CHECK(wire.transport->subprotocol() == "b");
  CHECK(field_of(requests.last(), "Sec-WebSocket-Protocol") == "a, b");
}

TEST_CASE("selecting a subprotocol that was not offered, or none, fails the connection") {
  std::string fields;
  Server server([&](Peer& peer) {
    peer.upgrade(fields);
    peer.wait_for_end();
  });
  SECTION("one that was not offered") {
    fields = "Sec-WebSocket-Protocol: c\r\n";
    Wire wire;
    CHECK(failure_of(wire, server.url(), {"a", "b"}) ==
          "the server selected a subprotocol that was not offered");
  }
  SECTION("one although none was offered") {
    fields = "Sec-WebSocket-Protocol: c\r\n";
    Wire wire;
    CHECK(failure_of(wire, server.url()) ==
          "the server selected a subprotocol, but none was offered");
  }
  SECTION("two") {
    fields = "Sec-WebSocket-Protocol: a\r\nSec-WebSocket-Protocol: b\r\n";
    Wire wire;
    CHECK(failure_of(wire, server.url(), {"a", "b"}) ==
          "the server selected a subprotocol that was not offered");
  }
  SECTION("none") {
    Wire wire;
    CHECK(failure_of(wire, server.url(), {"a"}) ==
          "the server selected none of the offered subprotocols");
  }
  SECTION("an extension although none was offered") {
    fields = "Sec-WebSocket-Extensions: permessage-deflate\r\n";
    Wire wire;
    CHECK(failure_of(wire, server.url()) ==
          "the server selected an extension, but none was offered");
  }
}

TEST_CASE("an HTTP status other than 101 is reported in the error") {
  const auto [head, expected] = GENERATE(table<std::string, std::string>(
      {{"HTTP/1.1 401 Unauthorized\r\n", "the server answered 401 Unauthorized"},
       {"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 3\r\n",
        "the server answered 503 Service Unavailable"},
       {"HTTP/1.1 301 Moved Permanently\r\nLocation: ws://other.test/\r\n",
        "the server answered 301 Moved Permanently; redirects are not followed"}}));
  Server server(answering(head));
  Wire wire(in_both());
  CHECK(failure_of(wire, server.url()) == expected);
}

TEST_CASE("the response of a server that refuses the handshake is part of the error") {
  Server server(
      answering("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Bearer realm=\"a, b\"\r\n"
                "Set-Cookie: a=1\r\nretry-after: 3\r\nset-cookie: b=2\r\n"));
  Wire wire(in_both());
  failure_of(wire, server.url());
  const auto response = wire.errors.front().response;
  REQUIRE(response);
  CHECK(response->status == 401);
  std::vector<std::string> fields;
  for (const steady::HeaderField& field : response->headers)
    fields.push_back(field.name + ": " + field.value);
  CHECK(fields == std::vector<std::string>{"WWW-Authenticate: Bearer realm=\"a, b\"",
                                           "Set-Cookie: a=1", "set-cookie: b=2", "retry-after: 3",
                                           "Content-Length: 0"});
}

TEST_CASE("an unacceptable 101 is part of the error, and no response where there was none") {
  SECTION("a subprotocol that was not offered") {
    Server server([](Peer& peer) {
      peer.upgrade("Sec-WebSocket-Protocol: c\r\n");
      peer.wait_for_end();
    });
    Wire wire;
    failure_of(wire, server.url(), {"a"});
    REQUIRE(wire.errors.front().response);
    CHECK(wire.errors.front().response->status == 101);
  }
  SECTION("a wrong Sec-WebSocket-Accept") {
    Server server(
        answering("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                  "Connection: Upgrade\r\nSec-WebSocket-Accept: AAAA\r\n"));
    Wire wire;
    failure_of(wire, server.url());
    REQUIRE(wire.errors.front().response);
    CHECK(wire.errors.front().response->status == 101);
  }
  SECTION("not HTTP") {
    Server server(answering("220 mail.test ESMTP\r\n"));
    Wire wire;
    failure_of(wire, server.url());
    CHECK_FALSE(wire.errors.front().response);
  }
}

TEST_CASE("a response that violates RFC 6455 fails the connection") {
  SECTION("not HTTP") {
    Server server(answering("220 mail.test ESMTP\r\n"));
    Wire wire;
    CHECK(failure_of(wire, server.url()).starts_with("the handshake failed: "));
  }
  SECTION("a wrong Sec-WebSocket-Accept") {
    Server server(
        answering("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                  "Connection: Upgrade\r\nSec-WebSocket-Accept: AAAA\r\n"));
    Wire wire;
    CHECK_FALSE(failure_of(wire, server.url()).empty());
  }
  SECTION("no response") {
    Server server([](Peer& peer) { peer.read_head(); });
    Wire wire;
    CHECK(failure_of(wire, server.url()) ==
          "the server closed the connection before answering the handshake");
  }
  SECTION("an endless header") {
    Server server([](Peer& peer) {
      peer.read_head();
      peer.write("HTTP/1.1 101 Switching Protocols\r\n");
      while (true) peer.write("X-Filler: " + std::string(1'000, 'x') + "\r\n");
    });
    Wire wire;
    CHECK(failure_of(wire, server.url()).starts_with("the handshake failed: "));
  }
}

TEST_CASE("a request that cannot be serialized fails the connection") {
  Server server([](Peer& peer) { peer.wait_for_end(); });
  Wire wire(in_both());
  CHECK(failure_of(wire, "ws://" + std::string(70'000, 'x') +
                             "@127.0.0.1:" + std::to_string(server.port()))
            .starts_with("the handshake cannot be sent: "));
}

TEST_CASE("a refused connection is reported with host and port") {
  std::uint16_t port = 0;
  {
    port = Server([](Peer&) {}).port();
  }
  Wire wire(in_both());
  const std::string where = "127.0.0.1:" + std::to_string(port);
  CHECK(failure_of(wire, "ws://" + where) ==
        "could not connect to " + where + ": Connection refused");
}

TEST_CASE("a name that does not exist is reported") {
  Wire wire(in_both());
  CHECK(failure_of(wire, "ws://nowhere.invalid/")
            .starts_with("the name nowhere.invalid could not be resolved: "));
}

TEST_CASE("open() rejects an invalid URL") {
  const std::string url = GENERATE(
      "http://a.test", "ws://", "ws://a.test:0", "ws://a.test:65536", "ws://a.test:x", "ws://[::1",
      "ws://[a.test]", "ws://a..test", "ws://.a.test", "ws://.", "ws://a.test..",
      "ws://[fe80::1%25eth0]", "ws://a.test\\@b.test", "ws://a.test#@b.test",
      "ws://b\xC3\xBC"
      "cher.test",
      "ws://a b");
  Wire wire;
  const steady::Error error = wire.open(url);
  CHECK(error.code == ErrorCode::invalid_url);
  CHECK_FALSE(error.message.empty());
}

TEST_CASE("open() rejects invalid headers") {
  using Headers = std::vector<steady::HeaderField>;
  const auto [headers, expected] = GENERATE(table<Headers, std::string>(
      {{{{"X", "a\r\nEvil: b"}}, "headers: the value of \"X\" must not contain control characters"},
       {{{"X", "a"}, {"Y", std::string("a\0b", 3)}},
        "headers: the value of \"Y\" must not contain control characters"},
       {{{"Bad name", "a"}}, "headers: \"Bad name\" is not a valid field name"},
       {{{"Evil: b\r\nX", "a"}}, "headers: \"Evil: b\r\nX\" is not a valid field name"},
       {{{"", "a"}}, "headers: \"\" is not a valid field name"},
       {{{"HOST", "a"}}, "headers: \"HOST\" is reserved for the handshake"},
       {{{"upgrade", "a"}}, "headers: \"upgrade\" is reserved for the handshake"},
       {{{"Connection", "a"}}, "headers: \"Connection\" is reserved for the handshake"},
       {{{"Sec-WebSocket-Key", "a"}},
        "headers: \"Sec-WebSocket-Key\" is reserved for the handshake"},
       {{{"Cookie", std::string(70'000, 'x')}},
        "headers: names and values must not exceed 8192 bytes in total, got 70006"}}));
  Wire wire;
  const steady::Error error = wire.open("ws://127.0.0.1:1", {}, headers);
  CHECK(error.code == ErrorCode::invalid_option);
  CHECK(error.message == expected);
}

TEST_CASE("open() rejects invalid options") {
  const auto [options, expected] = GENERATE(table<NativeOptions, std::string>(
      {{{.user_agent = "a\r\nEvil: b"}, "user_agent must not contain control characters"},
       {{.max_message_bytes = 0}, "max_message_bytes must be 1 or more"},
       {{.max_waiting_messages = 0}, "max_waiting_messages must be 1 or more"},
       {{.keep_alive = 1ms}, "keep_alive must be between 100 ms and one day, got 1 ms"},
       {{.keep_alive = 25h}, "keep_alive must be between 100 ms and one day, got 90000000 ms"},
       {{.compression = {{.level = 10}}}, "compression.level must be between 0 and 9, got 10"},
       {{.tls = {.key_file = "key.pem"}},
        "tls.certificate_file and tls.key_file must be set together"},
       {{.hosts = {{"a.test", {"b.test"}}}},
        "hosts: \"a.test\" must have one or more numeric addresses"},
       {{.proxy = "socks5://127.0.0.1"},
        "the proxy \"socks5://127.0.0.1\" is not supported: its URL must begin with "
        "http://"}}));
  Wire wire(options);
  const steady::Error error = wire.open("ws://127.0.0.1:1");
  CHECK(error.code == ErrorCode::invalid_option);
  CHECK(error.message == expected);
}
