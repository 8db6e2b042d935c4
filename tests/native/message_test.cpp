// Sending and receiving messages.
#include <span>

#include <atomic>
#include <thread>

#include "support/seen.hpp"
#include "support/server.hpp"
#include "support/threadings.hpp"

using steady::MessageKind;
using steady::Payload;
using steady::TransportSend;

namespace {

Payload binary(std::string_view bytes) {
  return Payload::binary(std::as_bytes(std::span(bytes.data(), bytes.size())));
}

/// `size` times the letter A, compressed for permessage-deflate: a block with fixed Huffman codes
/// (RFC 1951 3.2.6), without the tail that RFC 7692 7.2.1 removes.
std::string deflated(std::size_t size) {
  std::string bytes;
  int used = 8;
  const auto add = [&](const char* bits) {
    for (; *bits != 0; ++bits) {
      if (used == 8) bytes += '\0';
      used %= 8;
      bytes.back() = static_cast<char>(bytes.back() | (*bits - '0') << used++);
    }
  };
  add("010");
  for (std::size_t i = 0; i <= (size - 1) % 258; ++i) add("01110001");
  // Length 258, distance 1.
  for (std::size_t i = 0; i < (size - 1) / 258; ++i) add("1100010100000");
  // End of block, then the header of an empty block.
  add("0000000000");
  return bytes;
}

/// Negotiates compression, runs `answer`, and records the code of the client's close frame.
struct CompressingServer {
  explicit CompressingServer(std::function<void(Peer&)> answer)
      : server([this, answer = std::move(answer)](Peer& peer) {
          peer.upgrade("Sec-WebSocket-Extensions: permessage-deflate\r\n");
          answer(peer);
          const Frame frame = peer.read_frame();
          if (frame.opcode == opcode::close && frame.payload.size() >= 2) {
            codes.add(static_cast<unsigned char>(frame.payload[0]) << 8 |
                      static_cast<unsigned char>(frame.payload[1]));
          }
          peer.wait_for_end();
        }) {}

  Seen<int> codes;
  Server server;
};

}  // namespace

TEST_CASE("text and binary messages are echoed unchanged") {
  Server server(echo);
  Wire wire(in_both());
  REQUIRE(wire.open_and_wait(server.url()));
  const std::vector<std::string> texts = {"",
                                          "x",
                                          std::string("a\0b", 3),
                                          "caf\xC3\xA9 \xF0\x9F\x98\x80 \xE4\xB8\xAD",
                                          std::string(125, 'a'),
                                          std::string(126, 'b'),
                                          std::string(65'535, 'c'),
                                          std::string(65'536, 'd'),
                                          std::string(200'001, 'e')};
  for (const std::string& text : texts) {
    CHECK(wire.send(text) == TransportSend::taken);
    CHECK(wire.transport->send(binary(text + '\xFF')) == TransportSend::taken);
  }
  REQUIRE(wire.eventually([&] { return wire.messages.size() == 2 * texts.size(); }));
  for (std::size_t i = 0; i < texts.size(); ++i) {
    CHECK(wire.messages[2 * i].kind == MessageKind::text);
    CHECK(wire.messages[2 * i].data == texts[i]);
    CHECK(wire.messages[2 * i + 1].kind == MessageKind::binary);
    CHECK(wire.messages[2 * i + 1].data == texts[i] + '\xFF');
  }
}

TEST_CASE("a message of 64 MiB is echoed unchanged") {
  Server server(echo);
  Wire wire(in_both());
  REQUIRE(wire.open_and_wait(server.url()));
  std::string bytes(std::size_t{64} << 20, '\0');
  for (std::size_t i = 0; i < bytes.size(); i += 4'093) bytes[i] = static_cast<char>(i % 251);
  wire.transport->send(binary(bytes));
  CHECK(wire.transport->buffered_amount() > 0);
  // Sent in frames of 64 KiB, which the server echoes one by one.
  REQUIRE(wire.eventually([&] { return !wire.messages.empty(); }));
  CHECK(wire.messages[0].data == bytes);
  CHECK(wire.transport->buffered_amount() == 0);
}

TEST_CASE("fragments form one message, and pings between them are answered") {
  Seen<std::string> pongs;
  Server server([&](Peer& peer) {
    peer.upgrade();
    peer.write_frame({opcode::text, false, false, "caf\xC3"});
    peer.write_frame({opcode::ping, true, false, "are you there"});
    peer.write_frame({opcode::continuation, false, false, ""});
    peer.write_frame({opcode::continuation, true, false, "\xA9"});
    pongs.add(peer.read_frame().payload);
    peer.wait_for_end();
  });
  Wire wire(in_both());
  REQUIRE(wire.open_and_wait(server.url()));
  REQUIRE(wire.eventually([&] { return wire.messages.size() == 1 && pongs.size() == 1; }));
  CHECK(wire.messages[0].data == "caf\xC3\xA9");
  CHECK(pongs.last() == "are you there");
}

TEST_CASE("messages received together with the handshake response are dispatched after open") {
  Server server([](Peer& peer) {
    peer.upgrade();
    for (int i = 0; i < 100; ++i) peer.write_frame({opcode::text, true, false, std::to_string(i)});
    peer.wait_for_end();
  });
  Wire wire(in_both());
  std::size_t before_open = 0;
  wire.when_open = [&] { before_open = wire.messages.size(); };
  REQUIRE_FALSE(wire.open(server.url()));
  REQUIRE(wire.eventually([&] { return wire.messages.size() == 100; }));
  CHECK(before_open == 0);
  CHECK(wire.messages[99].data == "99");
}

TEST_CASE("thousands of messages keep their order in both directions") {
  Server server(echo);
  Wire wire(in_both());
  REQUIRE(wire.open_and_wait(server.url()));
  constexpr int count = 20'000;
  for (int i = 0; i < count; ++i) wire.send(std::to_string(i));
  REQUIRE(wire.eventually([&] { return wire.messages.size() == count; }));
  bool in_order = true;
  for (int i = 0; i < count; ++i) {
    in_order = in_order && wire.messages[static_cast<std::size_t>(i)].data == std::to_string(i);
  }
  CHECK(in_order);
}

TEST_CASE("unread data counts as buffered, and is sent when the server reads") {
  std::atomic<bool> reads = false;
  Seen<std::size_t> sizes;
  Server server([&](Peer& peer) {
    peer.upgrade();
    while (!reads) std::this_thread::yield();
    for (int i = 0; i < 24; ++i) {
      std::size_t size = 0;
      for (bool fin = false; !fin;) {
        const Frame frame = peer.read_frame();
        size += frame.payload.size();
        fin = frame.fin;
      }
      sizes.add(size);
    }
    peer.wait_for_end();
  });
  Wire wire(in_both());
  REQUIRE(wire.open_and_wait(server.url()));
  const std::string much(std::size_t{1} << 20, 'x');
  for (int i = 0; i < 24; ++i) REQUIRE(wire.send(much) == TransportSend::taken);
  CHECK(wire.transport->buffered_amount() > 12 * much.size());
  reads = true;
  REQUIRE(wire.eventually([&] { return wire.transport->buffered_amount() == 0; }));
  REQUIRE(wire.eventually([&] { return sizes.size() == 24; }));
  CHECK(sizes.last() == much.size());
}

TEST_CASE("an external payload is refused") {
  Server server(echo);
  Wire wire;
  REQUIRE(wire.open_and_wait(server.url()));
  CHECK(wire.transport->send(Payload::external(MessageKind::text, 1, 3, nullptr)) ==
        TransportSend::refused);
}

TEST_CASE("a server that sends faster than the client polls is held back") {
  constexpr std::size_t size = 100'000;
  std::atomic<std::size_t> sent = 0;
  Server server([&](Peer& peer) {
    peer.upgrade();
    for (; sent < 1'000; ++sent) {
      peer.write_frame({opcode::binary, true, false, std::string(size, 'x')});
    }
    peer.wait_for_end();
  });
  Wire wire(in_both({.max_waiting_bytes = 10 * size}));
  // One poll() dispatches no more than max_waiting_bytes, rounded up to a message.
  REQUIRE_FALSE(wire.open(server.url()));
  std::size_t most = 0;
  std::size_t before = 0;
  REQUIRE(wire.eventually([&] {
    most = std::max(most, wire.messages.size() - before);
    before = wire.messages.size();
    wire.messages.reserve(1'000);
    return wire.messages.size() == 1'000;
  }));
  CHECK(most <= 11);
}

TEST_CASE("compressed messages are echoed unchanged, and are smaller on the wire") {
  const bool keeps_context = GENERATE(true, false);
  Seen<std::string> offers;
  Seen<std::size_t> sizes;
  Server server([&](Peer& peer) {
    const std::string without = "; client_no_context_takeover; server_no_context_takeover";
    peer.upgrade(
        "Sec-WebSocket-Extensions: permessage-deflate" + (keeps_context ? "" : without) + "\r\n",
        [&](const std::string& request) {
          offers.add(field_of(request, "Sec-WebSocket-Extensions"));
        });
    while (true) {
      const Frame frame = peer.read_frame();
      sizes.add(frame.payload.size());
      // The client can inflate its own compressed frames: both contexts see the same data.
      peer.write_frame(frame);
    }
  });
  Wire wire(in_both({.compression = {{.min_bytes = 0, .keeps_context = keeps_context}}}));
  REQUIRE(wire.open_and_wait(server.url()));
  CHECK(offers.last().find("permessage-deflate") != std::string::npos);
  CHECK((offers.last().find("client_no_context_takeover") == std::string::npos) == keeps_context);
  std::string text;
  for (int i = 0; i < 20'000; ++i)
    text += "{\"type\":\"move\",\"x\":" + std::to_string(i % 7) + "}";
  for (int i = 0; i < 3; ++i) wire.send(text);
  wire.send("");
  wire.send("short");
  REQUIRE(wire.eventually([&] { return wire.messages.size() == 5; }));
  CHECK(wire.messages[0].data == text);
  CHECK(wire.messages[2].data == text);
  CHECK(wire.messages[3].data.empty());
  CHECK(wire.messages[4].data == "short");
  std::size_t sum = 0;
  for (const std::size_t size : sizes.all()) sum += size;
  CHECK(sum < text.size() / 2);
}

TEST_CASE(
    "a compressed message of the maximum size is received, and a larger one fails with 1009") {
  constexpr std::size_t limit = 5'000;
  const std::size_t excess = GENERATE(std::size_t{0}, std::size_t{1}, std::size_t{400'000});
  CompressingServer compressing([&](Peer& peer) {
    peer.write_frame({opcode::binary, true, true, deflated(limit)});
    peer.write_frame({opcode::binary, true, true, deflated(limit + excess)});
  });
  Wire wire(in_both({.compression = {{}}, .max_message_bytes = limit}));
  REQUIRE(wire.open_and_wait(compressing.server.url()));
  const std::string largest(limit, 'A');
  if (excess == 0) {
    REQUIRE(wire.eventually([&] { return wire.messages.size() == 2; }));
    CHECK(wire.messages[1].data == largest);
  } else {
    REQUIRE(wire.eventually([&] { return wire.closed && compressing.codes.size() == 1; }));
    CHECK(compressing.codes.last() == 1009);
    REQUIRE(wire.errors.size() == 1);
    CHECK(wire.errors[0].code == steady::ErrorCode::message_too_large);
    CHECK(wire.messages.size() == 1);
  }
  CHECK(wire.messages[0].data == largest);
}

TEST_CASE("the size limit holds for a compressed frame whose claimed size overflows") {
  const std::size_t limit = GENERATE(std::size_t{1'000}, std::size_t{100'000});
  const bool is_second = GENERATE(false, true);
  CompressingServer compressing([&](Peer& peer) {
    if (is_second) peer.write_frame({opcode::binary, false, true, deflated(900)});
    peer.write(std::string(is_second ? "\x80" : "\xC2") + "\x7F" + std::string(8, '\xFF') +
               deflated(400'000));
  });
  Wire wire(in_both({.compression = {{}}, .max_message_bytes = limit}));
  REQUIRE(wire.open_and_wait(compressing.server.url()));
  REQUIRE(wire.eventually([&] { return wire.closed && compressing.codes.size() == 1; }));
  CHECK(compressing.codes.last() == 1009);
  REQUIRE(wire.errors.size() == 1);
  CHECK(wire.errors[0].code == steady::ErrorCode::message_too_large);
}

TEST_CASE("keep-alive does not fail a connection while reading is paused") {
  Server server([](Peer& peer) {
    peer.upgrade();
    for (int i = 0; i < 100; ++i) peer.write_frame({opcode::text, true, false, "x"});
    echo_frames(peer);
  });
  Wire wire({.threading = steady::native::Threading::io_thread,
             .max_waiting_messages = 4,
             .keep_alive = 1s});
  REQUIRE(wire.open_and_wait(server.url()));
  // This connection is read but receives nothing. It fails later than `wire` would if its timer
  // ran.
  Server silent([](Peer& peer) {
    peer.upgrade();
    peer.wait_for_end();
  });
  Wire other({.keep_alive = 1s});
  REQUIRE(other.open_and_wait(silent.url()));
  REQUIRE(other.eventually([&] { return other.closed.has_value(); }));
  REQUIRE(wire.eventually([&] { return wire.messages.size() == 100 || wire.closed; }));
  CHECK(wire.messages.size() == 100);
  wire.send("back");
  REQUIRE(wire.eventually([&] { return wire.messages.size() == 101 || wire.closed; }));
  CHECK_FALSE(wire.closed.has_value());
}

TEST_CASE("messages are sent uncompressed if the server declines compression") {
  Server server(echo);
  Wire wire({.compression = {{}}});
  REQUIRE(wire.open_and_wait(server.url()));
  wire.send(std::string(5'000, 'x'));
  REQUIRE(wire.eventually([&] { return wire.messages.size() == 1; }));
  CHECK(wire.messages[0].data == std::string(5'000, 'x'));
}
