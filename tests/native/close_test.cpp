// Closing, losing and failing connections.
#include <atomic>
#include <thread>

#include "support/seen.hpp"
#include "support/server.hpp"
#include "support/threadings.hpp"

using steady::ErrorCode;
using steady::TransportSend;

namespace {

/// Code of a close frame; 0 if it has none.
int code_of(const Frame& frame) {
  if (frame.payload.size() < 2) return 0;
  return static_cast<unsigned char>(frame.payload[0]) << 8 |
         static_cast<unsigned char>(frame.payload[1]);
}

/// Skips frames until a close frame.
Frame read_close(Peer& peer) {
  Frame frame = peer.read_frame();
  while (frame.opcode != opcode::close) frame = peer.read_frame();
  return frame;
}

bool ended(Wire& wire) {
  return wire.eventually([&] { return wire.closed.has_value(); });
}

}  // namespace

TEST_CASE("the server receives the code and the reason passed to close()") {
  struct Case {
    std::uint16_t code;
    std::string reason;
    int answer;
    int reported;
    std::string reported_reason;
  };
  const auto one = GENERATE(values<Case>({{1000, "", 1000, 1000, ""},
                                          {4000, "bye \xC3\xA9", 4000, 4000, "as you like"},
                                          {3000, std::string(123, 'r'), 4001, 4001, "no"},
                                          {0, "", 0, 1005, ""}}));
  Seen<Frame> seen;
  Server server([&](Peer& peer) {
    peer.upgrade();
    seen.add(read_close(peer));
    peer.write_close(one.answer, one.reported_reason);
    peer.wait_for_end();
  });
  Wire wire(in_both());
  REQUIRE(wire.open_and_wait(server.url()));
  wire.transport->close(one.code, one.reason);
  CHECK_FALSE(wire.closed.has_value());
  REQUIRE(ended(wire));
  CHECK(wire.errors.empty());
  CHECK(wire.closed->code == one.reported);
  CHECK(wire.closed->reason == one.reported_reason);
  CHECK(wire.closed->was_clean);
  CHECK(code_of(seen.last()) == one.code);
  CHECK(seen.last().payload.substr(std::min<std::size_t>(2, seen.last().payload.size())) ==
        one.reason);
}

TEST_CASE("messages sent before close() arrive before the close frame") {
  Seen<Frame> seen;
  Server server([&](Peer& peer) {
    peer.upgrade();
    for (Frame frame; frame.opcode != opcode::close;) seen.add(frame = peer.read_frame());
    peer.write_close(1000);
    peer.wait_for_end();
  });
  Wire wire(in_both());
  REQUIRE(wire.open_and_wait(server.url()));
  for (int i = 0; i < 100; ++i) wire.send(std::to_string(i));
  wire.transport->close(1000, "");
  CHECK(wire.send("too late") == TransportSend::not_open);
  REQUIRE(ended(wire));
  REQUIRE(seen.size() == 101);
  CHECK(seen.all()[99].payload == "99");
}

TEST_CASE("messages received during the closing handshake are dropped") {
  Server server([&](Peer& peer) {
    peer.upgrade();
    read_close(peer);
    for (int i = 0; i < 100; ++i) peer.write_frame({opcode::text, true, false, "late"});
    peer.write_close(1000);
    peer.wait_for_end();
  });
  Wire wire(in_both());
  REQUIRE(wire.open_and_wait(server.url()));
  wire.transport->close(1000, "");
  REQUIRE(ended(wire));
  CHECK(wire.messages.empty());
  CHECK(wire.closed->was_clean);
}

TEST_CASE("the server's code and reason are reported after its messages, and echoed") {
  const int code = GENERATE(1000, 1001, 1012, 4999, 0);
  Seen<Frame> seen;
  Server server([&](Peer& peer) {
    peer.upgrade();
    peer.write_frame({opcode::text, true, false, "last words"});
    peer.write_close(code, code == 0 ? "" : "going");
    seen.add(read_close(peer));
    peer.wait_for_end();
  });
  Wire wire(in_both());
  REQUIRE_FALSE(wire.open(server.url()));
  REQUIRE(ended(wire));
  CHECK(wire.messages.size() == 1);
  CHECK(wire.errors.empty());
  CHECK(wire.closed->code == (code == 0 ? 1005 : code));
  CHECK(wire.closed->reason == (code == 0 ? "" : "going"));
  CHECK(wire.closed->was_clean);
  REQUIRE(wire.eventually([&] { return seen.size() == 1; }));
  CHECK(code_of(seen.last()) == (code == 0 ? 1000 : code));
  CHECK(wire.send("too late") == TransportSend::not_open);
}

TEST_CASE("a connection closed without a close frame is reported as 1006, without an error") {
  Server server([](Peer& peer) {
    peer.upgrade();
    peer.read_frame();
  });
  Wire wire(in_both());
  REQUIRE(wire.open_and_wait(server.url()));
  wire.send("x");
  REQUIRE(ended(wire));
  CHECK(wire.errors.empty());
  CHECK(wire.closed->code == 1006);
  CHECK_FALSE(wire.closed->was_clean);
  CHECK(wire.closed->reason == "the server closed the connection without a close frame");
}

TEST_CASE("a connection reset is reported as 1006, with an error that names the cause") {
  Server server([](Peer& peer) {
    peer.upgrade();
    peer.read_frame();
    peer.reset();
  });
  Wire wire(in_both());
  REQUIRE(wire.open_and_wait(server.url()));
  wire.send("x");
  REQUIRE(ended(wire));
  CHECK(wire.error() == "the connection failed: Connection reset by peer");
  CHECK(wire.closed->code == 1006);
  CHECK(wire.closed->reason == wire.error());
}

TEST_CASE("bytes not written when a connection ends stay in the buffered amount") {
  std::atomic<bool> kill = false;
  Server server([&](Peer& peer) {
    peer.upgrade();
    while (!kill) std::this_thread::yield();
    peer.reset();
  });
  Wire wire(in_both());
  REQUIRE(wire.open_and_wait(server.url()));
  for (int i = 0; i < 24; ++i) wire.send(std::string(std::size_t{1} << 20, 'x'));
  kill = true;
  REQUIRE(ended(wire));
  CHECK(wire.closed->code == 1006);
  CHECK(wire.transport->buffered_amount() > 0);
}

TEST_CASE("text that is not UTF-8 closes the connection with 1007") {
  Seen<Frame> seen;
  Server server([&](Peer& peer) {
    peer.upgrade();
    peer.write_frame({opcode::text, true, false, "\xC3("});
    seen.add(read_close(peer));
  });
  Wire wire(in_both());
  REQUIRE_FALSE(wire.open(server.url()));
  REQUIRE(ended(wire));
  CHECK(wire.messages.empty());
  CHECK(wire.error() == "the server sent text that is not valid UTF-8");
  CHECK(wire.closed->code == 1006);
  REQUIRE(wire.eventually([&] { return seen.size() == 1; }));
  CHECK(code_of(seen.last()) == 1007);
}

TEST_CASE("a message above the limit closes the connection with 1009, fragmented or not") {
  const bool in_fragments = GENERATE(true, false);
  Seen<Frame> seen;
  Server server([&](Peer& peer) {
    peer.upgrade();
    peer.write_frame({opcode::binary, true, false, std::string(1'000, 'x')});
    if (in_fragments) {
      peer.write_frame({opcode::binary, false, false, std::string(600, 'x')});
      peer.write_frame({opcode::continuation, true, false, std::string(600, 'x')});
    } else {
      peer.write_frame({opcode::binary, true, false, std::string(1'001, 'x')});
    }
    seen.add(read_close(peer));
  });
  Wire wire(in_both({.max_message_bytes = 1'000}));
  REQUIRE_FALSE(wire.open(server.url()));
  REQUIRE(ended(wire));
  CHECK(wire.messages.size() == 1);
  CHECK(wire.errors.at(0).code == ErrorCode::message_too_large);
  REQUIRE(wire.eventually([&] { return seen.size() == 1; }));
  CHECK(code_of(seen.last()) == 1009);
}

TEST_CASE("frames that violate the protocol close the connection with 1002") {
  const auto frame = GENERATE(values<Frame>({{3, true, false, "reserved opcode"},
                                             {opcode::text, true, true, "reserved bit"},
                                             {opcode::ping, false, false, "fragmented ping"},
                                             {opcode::continuation, true, false, "of nothing"},
                                             {opcode::close, true, false, "\x03\xEE"},
                                             {opcode::close, true, false, "\x03"}}));
  Seen<Frame> seen;
  Server server([&](Peer& peer) {
    peer.upgrade();
    peer.write_frame(frame);
    seen.add(read_close(peer));
  });
  Wire wire(in_both());
  REQUIRE_FALSE(wire.open(server.url()));
  REQUIRE(ended(wire));
  CHECK(wire.errors.at(0).code == ErrorCode::connection_failed);
  CHECK(wire.closed->code == 1006);
  REQUIRE(wire.eventually([&] { return seen.size() == 1; }));
  CHECK(code_of(seen.last()) == 1002);
}

TEST_CASE("close() before the connection is open aborts the attempt") {
  Server server([](Peer& peer) { peer.wait_for_end(); });
  Wire wire(in_both());
  REQUIRE_FALSE(wire.open(server.url()));
  const bool is_connected = GENERATE(true, false);
  if (is_connected) REQUIRE(wire.eventually([&] { return server.connections() == 1; }));
  wire.transport->close(1000, "");
  REQUIRE(ended(wire));
  CHECK_FALSE(wire.is_open);
  CHECK(wire.closed->code == 1006);
}

TEST_CASE("both sides may close at the same time") {
  Server server([](Peer& peer) {
    peer.upgrade();
    peer.read_frame();
    peer.write_close(4001, "server");
    peer.wait_for_end();
  });
  Wire wire(in_both());
  REQUIRE(wire.open_and_wait(server.url()));
  wire.send("x");
  wire.transport->close(4002, "client");
  REQUIRE(ended(wire));
  CHECK(wire.closed->code == 4001);
  CHECK(wire.closed->was_clean);
}

TEST_CASE("destroying a transport does not wait for a server that never answers a close frame") {
  Server server([](Peer& peer) {
    peer.upgrade();
    peer.wait_for_end();
  });
  Wire wire(in_both());
  REQUIRE(wire.open_and_wait(server.url()));
  wire.transport->close(1000, "");
  wire.runtime.poll();
  wire.transport.reset();
  CHECK_FALSE(wire.closed.has_value());
  CHECK_FALSE(wire.runtime.run_for(0ms));
}

TEST_CASE("keep-alive pings an idle connection, and fails it if nothing is received") {
  Seen<int> pings;
  Server server([&](Peer& peer) {
    peer.upgrade();
    Frame frame = peer.read_frame();
    pings.add(frame.opcode);
    frame.opcode = opcode::pong;
    peer.write_frame(frame);
    pings.add(peer.read_frame().opcode);
    peer.wait_for_end();
  });
  Wire wire(in_both({.keep_alive = 1s}));
  REQUIRE(wire.open_and_wait(server.url()));
  REQUIRE(ended(wire));
  CHECK(pings.all() == std::vector<int>{opcode::ping, opcode::ping});
  CHECK(wire.error() == "nothing was received from the server within the keep-alive time");
}

TEST_CASE("a close completes cleanly after the program stalls for longer than keep_alive") {
  const steady::native::NativeOptions kept_alive{.keep_alive = 100ms};
  const bool goes_on = GENERATE(false, true);
  std::atomic<bool> has_gone_on = false;
  std::atomic<bool> may_answer = false;
  std::atomic<bool> has_answered = false;
  Server server([&](Peer& peer) {
    peer.upgrade();
    peer.write_frame({opcode::text, true, false, "whole"});
    peer.write_frame({opcode::text, false, false, "the first part of"});
    read_close(peer);
    if (goes_on) peer.write_frame({opcode::continuation, false, false, "the second"});
    has_gone_on = true;
    while (!may_answer) std::this_thread::yield();
    peer.write_close(1000);
    has_answered = true;
    peer.wait_for_end();
  });
  Wire wire(kept_alive);
  REQUIRE(wire.open_and_wait(server.url()));
  REQUIRE(wire.eventually([&] { return wire.messages.size() == 1; }));
  wire.transport->close(1000, "");
  REQUIRE(wire.eventually([&] { return has_gone_on.load(); }));
  wire.runtime.poll();
  may_answer = true;
  // This connection fails after its keep-alive time, during which `wire` is not polled.
  Server silent([](Peer& peer) {
    peer.upgrade();
    peer.wait_for_end();
  });
  Wire other(kept_alive);
  REQUIRE(other.open_and_wait(silent.url()));
  REQUIRE(other.eventually([&] { return other.closed && has_answered; }));
  REQUIRE(ended(wire));
  CHECK(wire.errors.empty());
  CHECK(wire.closed->was_clean);
}
