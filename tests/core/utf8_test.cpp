// Text that is not UTF-8 is rejected: a server would close the connection (RFC 6455 8.1), and a
// replacement would change the message.
#include <string>
#include <string_view>

#include "catch.hpp"
#include "fixture.hpp"
#include "utf8.hpp"

using steady::DropReason;
using steady::ErrorCode;
using steady::Options;
using steady::SendStatus;
using steady::detail::beginning_of;
using namespace std::string_view_literals;

namespace {

constexpr std::string_view malformed[] = {
    "\x80"sv,              // a continuation without a beginning
    "\xc3"sv,              // cut off
    "\xe2\x82"sv,          //
    "\xf0\x9f\x98"sv,      //
    "\xc3("sv,             // not continued
    "\xe2\x28\xa1"sv,      //
    "\xe2\x82\x28"sv,      //
    "\xf0\x28\x8c\xbc"sv,  //
    "\xf0\x9f\x98\x28"sv,  //
    "\xc0\x80"sv,          // overlong
    "\xc1\xbf"sv,          //
    "\xe0\x9f\xbf"sv,      //
    "\xf0\x8f\xbf\xbf"sv,  //
    "\xed\xa0\x80"sv,      // surrogates
    "\xed\xbf\xbf"sv,      //
    "\xf4\x90\x80\x80"sv,  // above U+10FFFF
    "\xf5\x80\x80\x80"sv,  //
    "\xfe"sv,              // never used
    "\xff"sv,              //
};

constexpr std::string_view well_formed[] = {
    ""sv,
    "\0"sv,
    "plain"sv,
    "\x7f"sv,
    "\xc2\x80"sv,
    "\xdf\xbf"sv,
    "\xe0\xa0\x80"sv,
    "\xed\x9f\xbf"sv,
    "\xee\x80\x80"sv,
    "\xef\xbf\xbf"sv,
    "\xf0\x90\x80\x80"sv,
    "\xf4\x8f\xbf\xbf"sv,
};

/// Places the bytes at every offset in a word, before and after other text.
template <class Check>
void surrounded(std::string_view text, Check&& check) {
  for (std::size_t before = 0; before < 17; ++before) {
    for (const std::size_t after : {0, 1, 9}) {
      check(std::string(before, 'a') + std::string(text) + std::string(after, 'z'));
    }
  }
}

}  // namespace

TEST_CASE("text that is not UTF-8 is rejected and reported, and the connection stays open") {
  Fixture f;
  f.opened();
  for (const auto text : malformed) {
    surrounded(text, [&](const std::string& whole) {
      const auto result = f.socket.send(whole);
      REQUIRE(result.status == SendStatus::rejected);
      REQUIRE(result.reason == DropReason::refused);
      f.runtime.run_posted();
      REQUIRE(f.recorder.take() == Lines{"drop 0 refused " + whole});
    });
  }
  CHECK(f.runtime.connection().sent().empty());
  CHECK(f.socket.state() == State::open);
  for (const auto text : well_formed) {
    surrounded(text, [&](const std::string& whole) {
      REQUIRE(f.socket.send(whole).status == SendStatus::sent);
      REQUIRE(f.runtime.connection().sent().back().data == whole);
    });
  }
}

TEST_CASE("text that is not UTF-8 is rejected in every state and by every function that sends") {
  Fixture f;
  const std::string bad = "\xff";
  const auto is_refused = [](const steady::SendResult& result) {
    return result.status == SendStatus::rejected && result.reason == DropReason::refused;
  };
  CHECK(is_refused(f.socket.send(bad)));
  CHECK(is_refused(f.socket.send(bad, {.key = "k", .track = true})));
  CHECK(is_refused(f.socket.send(steady::Payload::text(bad))));
  CHECK(is_refused(f.socket.send(steady::Payload::json('"' + bad + '"'))));
  CHECK(is_refused(f.socket.send(steady::Payload::text(bad), {.is_volatile = true})));
  CHECK(f.socket.queued_messages() == 0);
  // Valid as a binary message.
  CHECK(f.socket.send(steady::Payload::binary(std::as_bytes(std::span(bad)))).status ==
        SendStatus::queued);
  f.opened();
  CHECK(is_refused(f.socket.send(steady::Payload::text(bad), {.is_volatile = true})));
  CHECK(is_refused(f.socket.send(bad, {.is_volatile = true})));
  CHECK(f.runtime.connection().sent().size() == 1);
}

TEST_CASE("a first message, ping or greeting that is not UTF-8 is rejected") {
  const auto refused = [](auto&& change) {
    const steady::Error error = validate(with(change));
    CHECK(error.code == ErrorCode::invalid_option);
    return error.message;
  };
  CHECK(refused([](Options& o) { o.first_message = "\xff"; }) ==
        "first_message must be valid UTF-8");
  CHECK(refused([](Options& o) { o.heartbeat.emplace().message = "\xff"; }) ==
        "heartbeat.message must be valid UTF-8");
  CHECK(validate(steady::CloseOptions{.code = 1000, .reason = "\xff"}).code ==
        ErrorCode::invalid_close_reason);

  Fixture f(with([](Options& o) {
    o.greet = [](const steady::Greeting& connection) {
      CHECK_FALSE(connection.send("\xff"));
      CHECK(connection.send("good"));
      connection.ready();
    };
  }));
  f.opened();
  f.runtime.run_posted();
  CHECK(sent_texts(f.runtime.connection()) == Lines{"good"});
  CHECK(f.recorder.take() == Lines{"drop 0 refused \xff"});
}

TEST_CASE("a provider's first message that is not UTF-8 fails the attempt") {
  Fixture f(with([](Options& o) {
    o.provider = [](const steady::ConnectReply& reply) {
      reply.connect({.url = "ws://h", .first_message = "\xff"});
    };
  }));
  f.runtime.run_posted();
  f.runtime.advance(0ms);
  CHECK(f.runtime.transports() == 0);
  CHECK(f.socket.error().code == ErrorCode::invalid_option);
  CHECK(f.socket.state() == State::waiting);
}

TEST_CASE("an excerpt of a message is at most 100 bytes of whole characters") {
  const std::string most(100, 'x');
  CHECK(beginning_of("") == "");
  CHECK(beginning_of(most) == most);
  CHECK(beginning_of(most + "x") == most + "\u2026");
  CHECK(beginning_of(std::string(98, 'x') + "\u20ac\u20ac") == std::string(98, 'x') + "\u2026");
  CHECK(beginning_of(std::string(200, '\x80')) == "\u2026");
}
