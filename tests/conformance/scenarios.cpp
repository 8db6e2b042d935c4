// The guarantees of every environment. Their titles are at the end; the server is in server.mjs.
#include <array>
#include <memory>
#include <span>
#include <string>

#include "client.hpp"

namespace conformance {

namespace {

using steady::ErrorCode;
using steady::SendStatus;
using steady::State;

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

// --- Connecting. ---

Scenario opens(World& world) {
  Client client(world);
  world.check(client->state() == State::connecting, "the constructor connects");
  co_await client.opens();
  world.check(client.opened == 1, "open is reported once");
  world.equal(client->subprotocol(), "", "no subprotocol");
  client->send("hello");
  co_await client.receives(1);
  world.equal(client.texts[0], "hello", "the echo");
}

Scenario picks_subprotocol(World& world) {
  steady::Options options = world.options();
  options.subprotocols = {"one.v1", "two.v1"};
  Client client(world, std::move(options));
  co_await client.opens();
  world.equal(client->subprotocol(), "two.v1", "the subprotocol that the server selected");
}

Scenario refuses_strange_subprotocol(World& world) {
  steady::Options options = world.options("strange");
  options.subprotocols = {"one.v1"};
  options.reconnect.max_attempts = 0;
  Client client(world, std::move(options));
  co_await client.ends();
  world.check(client.opened == 0, "the connection does not open");
  world.check(client.has_reported(ErrorCode::connection_failed), "the failure is reported");
}

Scenario retries_refused(World& world) {
  Client client(world, world.options("refuse"));
  co_await client.ends(3);
  world.check(client.opened == 0, "the connection does not open");
  world.check(client.has_reported(ErrorCode::connection_failed), "the failure is reported");
  for (const auto& info : client.closes) {
    world.check(info.code == 1006 && !info.was_clean && info.will_retry, "1006, and a retry");
  }
}

Scenario times_out(World& world) {
  steady::Options options = world.options("silent");
  options.connect_timeout = 100ms;
  Client client(world, std::move(options));
  co_await client.ends(2);
  world.check(client.has_reported(ErrorCode::connect_timeout), "the timeout is reported");
  world.check(client.closes[0].will_retry, "another attempt follows");
}

Scenario no_server(World& world) {
  steady::Options options = world.options();
  // No server listens on the port of "discard".
  options.url = "ws://127.0.0.1:9/";
  options.reconnect.max_attempts = 1;
  Client client(world, std::move(options));
  co_await world.until("the socket gives up", [&] { return client->state() == State::closed; });
  co_await client.ends(2);
  co_await world.until("gave_up is reported",
                       [&] { return client.has_reported(ErrorCode::gave_up); });
  world.check(!client.closes[1].will_retry, "no retry after the last attempt");
}

Scenario refuses_bad_url(World& world) {
  steady::Options options = world.options();
  options.url = "http://[";
  Client client(world, std::move(options));
  world.check(client->state() == State::closed, "the socket is closed");
  world.check(client->error().code == ErrorCode::invalid_url, "the error is invalid_url");
  co_await client.ends();
  world.check(client->send("x").status == SendStatus::rejected, "messages are rejected");
}

// --- Messages. ---

Scenario queues(World& world) {
  Client client(world);
  for (int i = 0; i < 100; ++i) {
    world.check(client->send(std::to_string(i)).status == SendStatus::queued,
                "the message is queued");
  }
  co_await client.receives(100);
  for (std::size_t i = 0; i < 100; ++i) {
    world.equal(client.texts[i], std::to_string(i), "the order");
  }
}

Scenario texts_arrive_whole(World& world) {
  Client client(world);
  co_await client.opens();
  const std::array<std::string, 6> texts = {
      "",
      "Zoë, 日本語, 😀, e\xCC\x81, \xEF\xBB\xBF"
      "BOM, \xF4\x8F\xBF\xBF",
      std::string("a\0b\0", 4),
      std::string(1, '\0'),
      R"({"type":"x","text":"\u0000"})",
      std::string(1 << 20, 'x') + "\xC3\xA9",
  };
  for (const std::string& text : texts) client->send(text);
  co_await client.receives(texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    world.check(client.texts[i] == texts[i], "text " + std::to_string(i) + " is unchanged");
  }
}

Scenario bytes_arrive_whole(World& world) {
  Client client(world);
  co_await client.opens();
  std::string every;
  for (int i = 0; i < 256; ++i) every.push_back(static_cast<char>(i));
  client->send(std::span<const std::byte>{});
  client->send(bytes_of(every));
  const std::string big(8 << 20, '\x7F');
  client->send(bytes_of(big));
  co_await world.until("the echoes are received", [&] { return client.binaries.size() == 3; });
  world.equal(client.binaries[0], "", "the empty message");
  world.check(client.binaries[1] == every, "every byte is unchanged");
  world.check(client.binaries[2] == big, "8 MiB are unchanged");
}

Scenario many_in_order(World& world) {
  steady::Options options = world.options();
  options.inbound.max_messages = 10'000;
  Client client(world, std::move(options));
  co_await client.opens();
  client->send("!many 5000");
  co_await client.receives(5'000);
  for (std::size_t i = 0; i < client.texts.size(); ++i) {
    world.equal(client.texts[i], std::to_string(i), "the order");
  }
}

Scenario routes(World& world) {
  steady::Options options = world.options();
  options.type_member = "/header/kind";
  Client client(world, std::move(options));
  int hits = 0, all = 0;
  client->on("hit", [&](const steady::Message& message) { hits += message.type == "hit"; }).keep();
  client->on("*", [&](const steady::Message&) { ++all; }).keep();
  client->send(R"({"header":{"kind":"hit"}})");
  client->send(R"({"header":{"kind":"\u0068it"}})");
  client->send(R"({"header":{"kind":"miss"}})");
  client->send(R"({"kind":"hit"})");
  co_await client.receives(4);
  world.check(hits == 2 && all == 3, "the handlers of the type");
}

Scenario batches(World& world) {
  steady::Options options = world.options();
  options.batch = steady::BatchOptions{};
  Client client(world, std::move(options));
  co_await client.opens();
  for (int i = 0; i < 3; ++i) client->send(steady::Payload::json(std::to_string(i)));
  co_await client.receives(3);
  client->send("!log");
  co_await client.receives(4);
  world.check(client.texts[3].find(R"("received":["[0,1,2]"])") != std::string::npos,
              "the messages are sent as one array: " + client.texts[3]);
}

Scenario keys_and_volatile(World& world) {
  Client client(world);
  client->send("x 1", {.key = "x"});
  client->send("y");
  client->send("x 2", {.key = "x"});
  world.check(client->send("now", {.is_volatile = true}).status == SendStatus::dropped,
              "a volatile message is not queued");
  co_await client.receives(2);
  world.equal(client.texts[0], "x 2", "the newest message, in the place of the oldest");
  world.equal(client.texts[1], "y", "the other message");
}

Scenario applies_backpressure(World& world) {
  steady::Options options = world.options();
  options.high_water_mark = 1 << 18;
  Client client(world, std::move(options));
  co_await client.opens();
  client->send("!pause 200");
  const std::string block(1 << 16, 'x');
  bool is_queued = false;
  constexpr std::size_t blocks = 200;
  for (std::size_t i = 0; i < blocks; ++i) {
    is_queued |= client->send(bytes_of(block)).status == SendStatus::queued;
  }
  world.check(is_queued, "messages above the high-water mark are queued");
  world.check(client->buffered_amount() > 0, "queued bytes are counted");
  bool drained = false;
  client->drained([&](const steady::Error& error) { drained = !error; });
  co_await world.until("all echoes are received", [&] { return client.binaries.size() == blocks; });
  co_await world.until("drained() reports", [&] { return drained; });
  world.check(client->buffered_amount() == 0, "no bytes are buffered");
}

Scenario tracks(World& world) {
  Client client(world);
  co_await client.opens();
  bool left = false;
  const auto result = client->send("x", {.track = true});
  client
      ->on_outcome([&](const steady::Outcome& outcome) {
        left = outcome.id == result.id && outcome.reason == steady::DropReason::none;
      })
      .keep();
  co_await world.until("the outcome is reported", [&] { return left; });
}

// --- Ends. ---

Scenario reports_close_codes(World& world) {
  struct Case {
    int code;
    bool retry;
  };
  constexpr Case cases[] = {{1000, true}, {1001, true}, {1008, false}, {1011, true},
                            {1012, true}, {1013, true}, {3001, true},  {4001, false}};
  for (const Case& one : cases) {
    Client client(world);
    co_await client.opens();
    const std::string code = std::to_string(one.code);
    client->send("!close " + code + " gr\xC3\xBC\xC3\x9F " + code);
    co_await client.ends();
    const steady::CloseInfo& info = client.closes[0];
    world.equal(std::to_string(info.code), code, "the code");
    world.equal(info.reason, "gr\xC3\xBC\xC3\x9F " + code, "the reason");
    world.check(info.was_clean, code + " is a clean end");
    world.check(info.will_retry == one.retry, code + ": the decision to retry");
  }
}

Scenario reports_close_without_code(World& world) {
  Client client(world);
  co_await client.opens();
  client->send("!close 0");
  co_await client.ends();
  world.check(client.closes[0].code == 1005 && client.closes[0].was_clean, "1005, and clean");
}

Scenario our_close_arrives(World& world) {
  Client client(world);
  co_await client.opens();
  client->send("last");
  client->close({.code = 4321, .reason = "bis sp\xC3\xA4ter"});
  world.check(client->state() == State::closing, "the socket is closing");
  co_await client.ends();
  world.check(client.closes[0].code == 4321 && client.closes[0].was_clean,
              "the client's code is reported");
  world.check(!client.closes[0].will_retry && client->state() == State::closed, "no retry follows");
  Client other(world);
  // The server may process the close after the client has reported it.
  other->send("!closed");
  co_await other.receives(1);
  world.check(
      other.texts.back().find(R"({"code":4321,"reason":"bis später"})") != std::string::npos,
      "the server has received code and reason: " + other.texts.back());
  world.check(other.texts.back().find(R"("received":["last"])") != std::string::npos,
              "the message sent before was received");
}

Scenario flushes(World& world) {
  Client client(world);
  for (int i = 0; i < 10; ++i) client->send(std::to_string(i));
  client->close({.code = 1000, .flush = true});
  co_await client.ends();
  world.check(client.drops.empty(), "no message is dropped");
  Client other(world);
  other->send("!log");
  co_await other.receives(1);
  world.check(
      other.texts[0].find(R"("0","1","2","3","4","5","6","7","8","9")") != std::string::npos,
      "all messages have arrived: " + other.texts[0]);
}

Scenario reconnects_after_cut(World& world) {
  Client client(world);
  co_await client.opens();
  client->send("!cut");
  co_await client.ends();
  world.check(
      client.closes[0].code == 1006 && !client.closes[0].was_clean && client.closes[0].will_retry,
      "1006, not clean, and a retry");
  co_await client.opens_again(2);
  client->send("again");
  co_await client.receives(1);
  world.equal(client.texts[0], "again", "the echo of the second connection");
}

Scenario survives_restart(World& world) {
  Client client(world);
  co_await client.opens();
  client->send("!restart 150");
  co_await client.ends();
  for (int i = 0; i < 50; ++i) client->send(std::to_string(i));
  world.check(client.drops.empty(), "queued messages are not dropped");
  co_await client.receives(50);
  for (std::size_t i = 0; i < 50; ++i) {
    world.equal(client.texts[i], std::to_string(i), "once, and in order");
  }
  world.check(client.opened == 2, "one new connection");
}

Scenario accepts_and_drops(World& world) {
  steady::Options options = world.options("drop");
  options.reconnect.stable_after = 10s;
  options.reconnect.max_attempts = 3;
  Client client(world, std::move(options));
  co_await world.until("the socket gives up", [&] { return client->state() == State::closed; });
  co_await world.until("gave_up is reported",
                       [&] { return client.has_reported(ErrorCode::gave_up); });
  world.check(client.closes.size() == 4, "connections that are not stable count as attempts");
}

Scenario finds_dead_connection(World& world) {
  steady::Options options = world.options();
  options.heartbeat = steady::HeartbeatOptions{.interval = 100ms, .timeout = 1s};
  Client client(world, std::move(options));
  co_await client.opens();
  co_await world.until("a ping is answered",
                       [&] { return client->stats().round_trip.has_value(); });
  client->send("!mute");
  co_await client.ends();
  world.check(client.has_reported(ErrorCode::heartbeat_timeout), "the timeout is reported");
  co_await client.opens_again(2);
  client.texts.clear();
  client->send("again");
  co_await world.until("the second connection echoes", [&] {
    for (const auto& text : client.texts) {
      if (text == "again") return true;
    }
    return false;
  });
}

Scenario ends_broken_text(World& world) {
  Client client(world);
  co_await client.opens();
  client->send("!broken");
  co_await client.ends();
  world.check(client.texts.empty(), "text that is not UTF-8 is not dispatched");
  world.check(!client.closes[0].was_clean, "the connection has failed");
}

Scenario rejects_broken_text(World& world) {
  Client client(world);
  co_await client.opens();
  const auto result = client->send("\xff");
  world.check(result.status == SendStatus::rejected, "the message is rejected");
  world.check(result.reason == steady::DropReason::refused, "the reason is refused");
  client->send("whole");
  co_await client.receives(1);
  world.equal(client.texts[0], "whole", "the next message arrives");
  world.check(client.closes.empty(), "the connection is the same");
}

// --- Calls of the user. ---

Scenario reconnects_on_call(World& world) {
  Client client(world);
  co_await client.opens();
  client->reconnect({.code = 4000, .reason = "new token"});
  co_await client.opens_again(2);
  world.check(client.closes.size() == 1 && client.closes[0].will_retry, "one end is reported");
  client->send("!log");
  co_await client.receives(1);
  world.check(client.texts[0].find(R"("connections":2)") != std::string::npos,
              "the server has accepted two connections: " + client.texts[0]);
}

Scenario suspends(World& world) {
  Client client(world);
  co_await client.opens();
  client->suspend();
  world.check(client->state() == State::suspended, "the state is suspended");
  client->send("waits");
  co_await client.ends();
  client->resume();
  co_await client.receives(1);
  world.equal(client.texts[0], "waits", "the message sent while suspended");
}

Scenario provides(World& world) {
  int calls = 0;
  steady::Options options = world.options();
  options.provider = [&, url = options.url](const steady::ConnectReply& reply) {
    ++calls;
    reply.connect({.url = url, .first_message = "token " + std::to_string(calls)});
  };
  Client client(world, std::move(options));
  client->send("!cut");
  co_await client.opens_again(2);
  client->send("x");
  co_await world.until("the echo is received",
                       [&] { return !client.texts.empty() && client.texts.back() == "x"; });
  world.check(calls == 2, "the provider is called for every attempt");
  world.equal(client.texts[client.texts.size() - 2], "token 2", "the first message is sent first");
}

Scenario ends_inside_handler(World& world) {
  auto client = std::make_unique<Client>(world);
  bool ended = false;
  Client* const raw = client.get();
  (*raw)
      ->on("end",
           [&](const steady::Message&) {
             raw->destroy();
             ended = true;
           })
      .keep();
  (*raw)->send(R"({"type":"end"})");
  (*raw)->send("not dispatched");
  co_await world.until("the handler destroys the socket", [&] { return ended; });
  Client other(world);
  other->send("!closed");
  co_await other.receives(1);
  world.check(client->texts.size() <= 1, "no message is dispatched after the destruction");
}

Scenario many_sockets(World& world) {
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(std::make_unique<Client>(world));
    (*clients.back())->send("I am " + std::to_string(i));
  }
  for (std::size_t i = 0; i < clients.size(); ++i) {
    co_await clients[i]->receives(1);
    world.equal(clients[i]->texts[0], "I am " + std::to_string(i),
                "each socket receives its own message");
  }
}

}  // namespace

std::vector<Named> scenarios() {
  return {
      {"a connection opens, and carries messages both ways", opens},
      {"the subprotocol is the one that the server selects", picks_subprotocol},
      {"a subprotocol that was not offered fails the connection", refuses_strange_subprotocol},
      {"a refused attempt is reported and retried", retries_refused},
      {"an attempt without a response fails at its time limit", times_out},
      {"without a server it gives up after the maximum number of attempts", no_server},
      {"an invalid URL is rejected", refuses_bad_url},
      {"messages sent before the connection opens are queued and sent in order", queues},
      {"text messages arrive unchanged: empty, Unicode, U+0000, 1 MiB", texts_arrive_whole},
      {"binary messages arrive unchanged: empty, every byte value, 8 MiB", bytes_arrive_whole},
      {"many messages are dispatched in order", many_in_order},
      {"messages are routed by the value that a JSON Pointer names", routes},
      {"JSON sent in one task leaves as one array", batches},
      {"a key replaces a queued message, and a volatile message is not queued", keys_and_volatile},
      {"above the high-water mark messages are queued, and sent later", applies_backpressure},
      {"the outcome of a tracked message is reported when it has left", tracks},
      {"the server's close code and reason are reported, with the decision", reports_close_codes},
      {"a close without a code is reported as 1005", reports_close_without_code},
      {"the client's close code and reason arrive after all sent messages", our_close_arrives},
      {"a close with a flush loses no message", flushes},
      {"a cut connection is reported as 1006 and replaced", reconnects_after_cut},
      {"no message is lost when the server restarts", survives_restart},
      {"the socket gives up on a server that accepts and drops connections", accepts_and_drops},
      {"a silently dead connection is detected and replaced", finds_dead_connection},
      {"received text that is not UTF-8 ends the connection", ends_broken_text},
      {"text that is not UTF-8 is not sent, and the connection stays open", rejects_broken_text},
      {"reconnect() replaces a connection", reconnects_on_call},
      {"messages sent while suspended are sent after resume()", suspends},
      {"the provider is called for every attempt", provides},
      {"a handler may destroy the socket", ends_inside_handler},
      {"many sockets do not affect each other", many_sockets},
  };
}

}  // namespace conformance
