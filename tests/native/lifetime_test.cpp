// Destruction of transports, runtimes and sockets at every stage. The sanitizers detect
// use-after-free and leaks.
#include <atomic>
#include <thread>

#include "steady/socket.hpp"
#include "support/certificates.hpp"
#include "support/server.hpp"
#include "support/threadings.hpp"

namespace {

/// Scripts that stop responding, each at a different stage of the connection.
std::vector<std::pair<std::string, Server::Script>> stages(SSL_CTX& context) {
  return {
      {"ws: the handshake is not answered", [](Peer& peer) { peer.wait_for_end(); }},
      {"ws: half of an answer",
       [](Peer& peer) {
         peer.read_head();
         peer.write("HTTP/1.1 101 Swi");
         peer.wait_for_end();
       }},
      {"ws: half of a frame",
       [](Peer& peer) {
         peer.upgrade();
         peer.write("\x82\x7e");
         peer.wait_for_end();
       }},
      {"wss: TLS is not answered", [](Peer& peer) { peer.wait_for_end(); }},
      {"wss: the handshake is not answered",
       [&context](Peer& peer) {
         peer.start_tls(context);
         peer.wait_for_end();
       }},
      {"wss: open",
       [&context](Peer& peer) {
         peer.start_tls(context);
         echo(peer);
       }},
  };
}

}  // namespace

TEST_CASE("a transport may be destroyed at every stage; its listener is not called after that") {
  const Identity authority = make_authority();
  const auto context = make_server_context(issue(authority, {"DNS:a.test,IP:127.0.0.1"}));
  const std::size_t stage = GENERATE(range<std::size_t>(0, 6));
  const auto options = in_both({.tls = {.extra_roots = authority.pem()}});
  // Each turn advances the connection by a step, so these stop at different steps.
  const int turns = GENERATE(0, 1, 2, 3, 5, 8, 40);
  const auto [name, script] = stages(*context)[stage];
  INFO(name << ", after " << turns << " turns");
  Server server(script);
  std::string url = server.url();
  if (name.starts_with("wss")) url.replace(0, 2, "wss");
  Wire wire(options);
  REQUIRE_FALSE(wire.open(url));
  for (int i = 0; i < turns; ++i) {
    wire.runtime.run_for(2ms);
    if (wire.is_open && i == turns / 2) wire.send(std::string(1'000'000, 'x'));
  }
  wire.transport.reset();
  const std::size_t calls = wire.messages.size() + wire.errors.size();
  wire.is_open = false;
  wire.runtime.run_for(2ms);
  CHECK_FALSE(wire.is_open);
  CHECK_FALSE(wire.closed.has_value());
  CHECK(wire.messages.size() + wire.errors.size() == calls);
}

TEST_CASE("a transport may be destroyed while its host is resolved, and while it closes") {
  Server server([](Peer& peer) {
    peer.upgrade();
    peer.wait_for_end();
  });
  const auto options = in_both();
  {
    Wire wire(options);
    REQUIRE_FALSE(wire.open("ws://localhost:" + std::to_string(server.port())));
    wire.transport.reset();
    CHECK_FALSE(wire.runtime.run_for(5ms));
  }
  Wire wire(options);
  REQUIRE(wire.open_and_wait(server.url()));
  wire.send("x");
  wire.transport->close(1000, "");
  wire.runtime.run_for(5ms);
  wire.transport.reset();
  CHECK_FALSE(wire.runtime.run_for(5ms));
  CHECK_FALSE(wire.closed.has_value());
}

TEST_CASE("a listener may destroy the transport in every call") {
  Server server([](Peer& peer) {
    peer.upgrade();
    for (int i = 0; i < 50; ++i) peer.write_frame({opcode::text, true, false, "x"});
    // Invalid UTF-8 causes an error and a close event.
    peer.write_frame({opcode::text, true, false, "\xFF"});
    peer.wait_for_end();
  });
  Wire wire(in_both());
  const auto destroy = [&] { wire.transport.reset(); };
  const std::string where = GENERATE("open", "message", "error", "close");
  INFO("destroyed in " << where);
  if (where == "open") wire.when_open = destroy;
  if (where == "message") wire.when_message = destroy;
  if (where == "error") wire.when_error = destroy;
  if (where == "close") wire.when_close = destroy;
  REQUIRE_FALSE(wire.open(server.url()));
  REQUIRE(wire.eventually([&] { return wire.transport == nullptr; }));
  wire.runtime.run_for(5ms);
  CHECK(wire.messages.size() == (where == "open" ? 0 : where == "message" ? 1 : 50));
  CHECK(wire.errors.size() == (where == "error" || where == "close" ? 1 : 0));
  CHECK(wire.closed.has_value() == (where == "close"));
}

TEST_CASE("a listener may replace the transport during a call") {
  Server server(echo);
  Wire wire(in_both());
  int opened = 0;
  wire.when_open = [&] {
    if (++opened < 5) {
      REQUIRE_FALSE(wire.open(server.url()));
    } else {
      wire.send("last");
    }
  };
  REQUIRE_FALSE(wire.open(server.url()));
  REQUIRE(wire.eventually([&] { return wire.messages.size() == 1; }));
  CHECK(opened == 5);
  CHECK(server.connections() == 5);
}

TEST_CASE("a callback may destroy the runtime; no callback runs after that") {
  auto runtime = std::make_unique<steady::native::NativeRuntime>(in_both());
  const auto token = std::make_shared<int>();
  bool is_late = false;
  const auto destroy = [&, token] { runtime.reset(); };
  const auto never = [&, token] { is_late = true; };
  if (GENERATE(true, false)) {
    runtime->start_timer(0ms, destroy);
    runtime->start_timer(0ms, never);
    runtime->post(never);
  } else {
    runtime->post(destroy);
    runtime->post(never);
    runtime->start_timer(1h, never);
  }
  while (runtime) runtime->run_for(100ms);
  CHECK_FALSE(is_late);
  // The captures in the runtime are destroyed; `token`, `destroy` and `never` remain.
  CHECK(token.use_count() == 3);
}

TEST_CASE("pending events are dropped with the runtime; a call that destroys it is the last one") {
  struct Listener final : steady::TransportListener {
    void on_open(steady::Generation) override { ++calls; }
    bool on_message(steady::Generation, steady::Inbound&) override {
      ++messages;
      runtime.reset();
      return true;
    }
    void on_error(steady::Generation, const steady::Error&) override { ++calls; }
    void on_close(steady::Generation, steady::CloseInfo) override { ++calls; }

    std::unique_ptr<steady::native::NativeRuntime> runtime;
    int calls = 0;
    int messages = 0;
  };
  std::atomic<bool> is_read = false;
  Server server([&](Peer& peer) {
    peer.upgrade();
    for (int i = 0; i < 50; ++i) peer.write_frame({opcode::text, true, false, "x"});
    peer.write_frame({opcode::ping, true, false, ""});
    // Frames are read in order: the pong shows that the messages before it were read.
    is_read = peer.read_frame().opcode == opcode::pong;
    peer.wait_for_end();
  });
  Listener listener;
  const auto options = in_both();
  listener.runtime = std::make_unique<steady::native::NativeRuntime>(options);
  const auto transport = listener.runtime->make_transport();
  REQUIRE_FALSE(transport->open({server.url(), {}, 1}, listener));
  SECTION("a listener destroys it") {
    while (listener.runtime) listener.runtime->run_for(100ms);
    CHECK(listener.messages == 1);
    CHECK(listener.calls == 1);
  }
  SECTION("before any event was dispatched") {
    // Without an I/O thread nothing is read before poll().
    const bool is_threaded = options.threading == steady::native::Threading::io_thread;
    while (is_threaded && !is_read) std::this_thread::yield();
    transport->close(0, "");
    listener.runtime.reset();
    CHECK(listener.calls == 0);
    CHECK(listener.messages == 0);
  }
}

TEST_CASE("a handler may destroy the Socket together with its runtime") {
  Server server(echo);
  std::unique_ptr<steady::Socket> socket;
  std::string seen;
  const std::string where = GENERATE("open", "message", "close");
  const auto destroy = [&](const std::string& at) {
    seen += at + " ";
    if (at == where) socket.reset();
  };
  auto runtime = std::make_unique<steady::native::NativeRuntime>(in_both());
  auto& loop = *runtime;
  socket =
      std::make_unique<steady::Socket>(steady::Options{.url = server.url()}, std::move(runtime));
  socket
      ->on_open([&] {
        socket->send("x");
        destroy("open");
      })
      .keep();
  socket
      ->on_message([&](const steady::Message&) {
        socket->close();
        destroy("message");
      })
      .keep();
  socket->on_close([&](const steady::CloseInfo&) { destroy("close"); }).keep();
  while (socket) loop.run_for(100ms);
  CHECK(seen == (where == "open"      ? "open "
                 : where == "message" ? "open message "
                                      : "open message close "));
}
