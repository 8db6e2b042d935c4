#include "steady/json.hpp"

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "catch.hpp"
#include "recorder.hpp"

using steady::Error;
using steady::ErrorCode;
using steady::json;
using steady::JsonLimits;
using steady::Message;
using steady::MessageKind;
using steady::Socket;
using steady::Subscription;
using steady::testing::ManualRuntime;

namespace game {

struct Point {
  int x = 0;
  int y = 0;
};

bool from_json(const json& j, Point& point) {
  return steady::read(j, "x", point.x) && steady::read(j, "y", point.y);
}

void to_json(json& j, const Point& point) { j = json{{"x", point.x}, {"y", point.y}}; }

struct Hit {
  Point at;
  std::uint8_t damage = 0;
  std::string by;
  std::optional<double> angle;
  std::vector<Point> path;
};

bool from_json(const json& j, Hit& hit) {
  return steady::read(j, "at", hit.at) && steady::read(j, "damage", hit.damage) &&
         steady::read(j, "by", hit.by) && steady::read(j, "angle", hit.angle) &&
         steady::read(j, "path", hit.path);
}

void to_json(json& j, const Hit& hit) {
  j = json{{"type", "hit"}, {"at", hit.at}, {"damage", hit.damage}, {"by", hit.by}};
  j["path"] = hit.path;
  if (hit.angle) j["angle"] = *hit.angle;
}

/// Has nlohmann's own conversions, which throw.
struct Classic {
  int n = 0;
  std::vector<int> list;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Classic, n, list)

/// Throws something other than nlohmann's exceptions.
struct Odd {};
void from_json(const json&, Odd&) { throw 42; }  // NOLINT

/// Has a from_json that returns bool, but throws.
struct Careless {
  int n = 0;
};
bool from_json(const json& j, Careless& careless) {
  careless.n = j.at("n").get<int>();
  return true;
}

}  // namespace game

namespace {

Message text_message(std::string_view text) { return {MessageKind::text, {}, text}; }

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

/// Reads the member "v" of the object `text`.
template <class T>
std::optional<T> member(std::string_view text) {
  const auto parsed = steady::parse(text_message(text));
  REQUIRE(parsed);
  T out{};
  return steady::read(*parsed, "v", out) ? std::optional<T>(std::move(out)) : std::nullopt;
}

/// A connected socket, and its events.
struct Fixture {
  Fixture() {
    runtime.connection().accept();
    recorder.take();
  }

  /// Receives a text message, and returns the errors that it causes.
  Lines errors_of(std::string_view text) {
    runtime.connection().deliver_text(text);
    Lines lines = recorder.take();
    lines.erase(lines.begin());
    return lines;
  }

  ManualRuntime runtime;
  Socket socket{options_for_tests(), runtime};
  Recorder recorder{socket};
};

const Lines malformed{"error malformed_message"};

}  // namespace

// --- parse ---

TEST_CASE("valid JSON is parsed") {
  const auto parsed = steady::parse(text_message(R"( {"a":[1,-2,3.5,true,null,"\u00e9\n"]} )"));
  REQUIRE(parsed);
  CHECK(parsed->at("a") == json::array({1, -2, 3.5, true, nullptr, "é\n"}));
  CHECK(*steady::parse(text_message("17")) == 17);
  CHECK(steady::parse(text_message("null")));
}

TEST_CASE("invalid JSON is an error, not an exception") {
  for (const std::string_view text :
       {"",    " ",       "{",        "}",        "[1,]",   "{\"a\"}",     "{a:1}", "\"\\x\"",
        "\"",  "\"\\",    "nul",      "01",       "1e999",  "-",           "1 2",   "[1]]",
        "NaN", "// x\n1", "\"\xff\"", "\"\xc3\"", "\"\n\"", "\"\\ud800\"", "]]]]"}) {
    INFO(text);
    const auto parsed = steady::parse(text_message(text));
    CHECK_FALSE(parsed);
    CHECK(parsed.error.code == ErrorCode::malformed_message);
    CHECK(parsed.value.is_null());
  }
  CHECK_FALSE(steady::parse(text_message(std::string_view("1\0", 2))));
  CHECK_FALSE(steady::parse(text_message(std::string_view("[1]\0garbage", 11))));
}

TEST_CASE("a binary message is not parsed as JSON") {
  CHECK(steady::parse({MessageKind::binary, {}, "{}"}).error.code == ErrorCode::malformed_message);
}

TEST_CASE("JSON may be nested up to the limit") {
  CHECK(steady::parse(text_message(nested(64))));
  CHECK(steady::parse(text_message(nested(65))).error.message ==
        "deeper than JsonLimits::max_depth");
  CHECK_FALSE(steady::parse(text_message(nested(500'000))));
  CHECK_FALSE(steady::parse(text_message(std::string(1'000'000, '['))));
  const JsonLimits two{.max_depth = 2};
  CHECK(steady::parse(text_message(R"([{},{"a":[]}])"), {.max_depth = 3}));
  CHECK(steady::parse(text_message(R"([[],{},[1],{"a":2}])"), two));
  CHECK_FALSE(steady::parse(text_message(R"([{"a":[]}])"), two));
  CHECK_FALSE(steady::parse(text_message("[]"), {.max_depth = 0}));
  CHECK(steady::parse(text_message("1"), {.max_depth = 0}));
}

TEST_CASE("brackets in strings do not count as depth, and escaped quotes do not end a string") {
  const JsonLimits one{.max_depth = 1};
  CHECK(steady::parse(text_message(R"(["[[[[{{","\"[[[[","\\"])"), one));
  CHECK(steady::parse(text_message(R"({"[[\\\"[[":"{{"})"), one));
  CHECK_FALSE(steady::parse(text_message(R"(["\\",[]])"), one));
}

TEST_CASE("JSON may be as long as the limit") {
  const auto string_of = [](std::size_t size) { return '"' + std::string(size - 2, 'x') + '"'; };
  const std::size_t limit = JsonLimits().max_bytes;
  CHECK(steady::parse(text_message(string_of(limit))));
  CHECK(steady::parse(text_message(string_of(limit + 1))).error.message ==
        "larger than JsonLimits::max_bytes");
  CHECK(steady::parse(text_message(string_of(limit + 1)), {.max_bytes = limit + 1}));
  CHECK_FALSE(steady::parse(text_message("123"), {.max_bytes = 2}));
}

// --- read ---

TEST_CASE("an integer is read if it is in the range of the type") {
  CHECK(member<int>(R"({"v":-5})") == -5);
  CHECK(member<std::uint8_t>(R"({"v":255})") == 255);
  CHECK_FALSE(member<std::uint8_t>(R"({"v":256})"));
  CHECK_FALSE(member<std::uint8_t>(R"({"v":-1})"));
  CHECK(member<std::int8_t>(R"({"v":-128})") == -128);
  CHECK_FALSE(member<std::int8_t>(R"({"v":-129})"));
  CHECK_FALSE(member<std::int8_t>(R"({"v":128})"));
  CHECK(member<std::int64_t>(R"({"v":9223372036854775807})") ==
        std::numeric_limits<std::int64_t>::max());
  CHECK(member<std::int64_t>(R"({"v":-9223372036854775808})") ==
        std::numeric_limits<std::int64_t>::min());
  CHECK_FALSE(member<std::int64_t>(R"({"v":9223372036854775808})"));
  CHECK(member<std::uint64_t>(R"({"v":18446744073709551615})") ==
        std::numeric_limits<std::uint64_t>::max());
  CHECK_FALSE(member<std::uint64_t>(R"({"v":18446744073709551616})"));
  for (const char* text : {"1.0", "1.5", "1e3", "true", "null", "\"1\"", "[1]", "{}"}) {
    INFO(text);
    CHECK_FALSE(member<int>(std::string(R"({"v":)") + text + "}"));
  }
}

TEST_CASE("a floating-point value is read from any number that is not too large") {
  CHECK(member<double>(R"({"v":0.5})") == 0.5);
  CHECK(member<double>(R"({"v":-3})") == -3.0);
  CHECK(member<float>(R"({"v":18446744073709551615})") == 18446744073709551615.0f);
  CHECK(member<double>(R"({"v":1e300})") == 1e300);
  CHECK_FALSE(member<float>(R"({"v":1e300})"));
  CHECK_FALSE(member<float>(R"({"v":-1e300})"));
  CHECK_FALSE(member<double>(R"({"v":"0.5"})"));
  CHECK_FALSE(member<double>(R"({"v":null})"));
}

TEST_CASE("a bool, a string or a list is read only from a value of that type") {
  CHECK(member<bool>(R"({"v":true})") == true);
  CHECK_FALSE(member<bool>(R"({"v":1})"));
  CHECK(member<std::string>(R"({"v":"a\u0000b"})") == std::string("a\0b", 3));
  CHECK_FALSE(member<std::string>(R"({"v":1})"));
  CHECK(member<std::vector<int>>(R"({"v":[1,2]})") == std::vector{1, 2});
  CHECK(member<std::vector<bool>>(R"({"v":[true,false]})") == std::vector{true, false});
  CHECK(member<std::vector<std::vector<int>>>(R"({"v":[[1],[]]})")->size() == 2);
  CHECK_FALSE(member<std::vector<int>>(R"({"v":[1,"2"]})"));
  CHECK_FALSE(member<std::vector<int>>(R"({"v":{"0":1}})"));
  CHECK(member<json>(R"({"v":{"0":1}})") == json{{"0", 1}});
}

TEST_CASE("an optional is empty if its member is missing or null, and is checked otherwise") {
  using Optional = std::optional<int>;
  CHECK(member<Optional>(R"({"v":1})") == std::optional<Optional>(1));
  CHECK(member<Optional>(R"({"v":null})") == std::optional<Optional>(std::in_place));
  CHECK(member<Optional>(R"({})") == std::optional<Optional>(std::in_place));
  CHECK_FALSE(member<Optional>(R"({"v":"1"})"));
}

TEST_CASE("reading a member of a non-object fails, and unknown members are ignored") {
  int out = 7;
  CHECK_FALSE(steady::read(json::array({1}), "v", out));
  CHECK_FALSE(steady::read(json(1), "v", out));
  CHECK_FALSE(steady::read(json{{"w", 1}}, "v", out));
  CHECK(out == 7);
  CHECK(steady::read(json{{"w", "x"}, {"v", 8}, {"z", json::array()}}, "v", out));
  CHECK(out == 8);
}

TEST_CASE("a value is unchanged if reading it fails") {
  std::vector<int> list{1, 2};
  CHECK_FALSE(steady::read(json::array({3, "4"}), list));
  CHECK(list == std::vector{1, 2});
  std::optional<int> optional = 5;
  CHECK_FALSE(steady::read(json("6"), optional));
  CHECK(optional == 5);
  std::string text = "text";
  CHECK_FALSE(steady::read(json(1), text));
  CHECK(text == "text");
}

TEST_CASE("an exception in from_json makes read() return false") {
  game::Classic classic;
  CHECK(steady::read(json{{"n", 1}, {"list", {1, 2}}}, classic));
  CHECK(classic.list == std::vector{1, 2});
  CHECK_FALSE(steady::read(json{{"n", "1"}, {"list", {1, 2}}}, classic));
  CHECK_FALSE(steady::read(json{{"n", 1}}, classic));
  game::Odd odd;
  CHECK_FALSE(steady::read(json(), odd));
  game::Careless careless;
  CHECK_FALSE(steady::read(json::array(), careless));
  std::vector<game::Classic> list;
  CHECK_FALSE(steady::read(json::array({json::object()}), list));
}

// --- A socket with JSON ---

TEST_CASE("a value is unchanged after being sent and received") {
  Fixture f;
  std::vector<game::Hit> hits;
  const Subscription subscription =
      f.socket.on<game::Hit>("hit", [&](const game::Hit& hit) { hits.push_back(hit); });
  f.socket.send(game::Hit{{1, -2}, 255, "Zoë \"\0\"", 0.25, {{3, 4}, {5, 6}}});
  f.socket.send(game::Hit{});
  for (const auto& sent : f.runtime.connection().sent()) {
    CHECK(sent.kind == MessageKind::text);
    CHECK(f.errors_of(sent.data).empty());
  }
  REQUIRE(hits.size() == 2);
  CHECK(hits[0].at.y == -2);
  CHECK(hits[0].damage == 255);
  CHECK(hits[0].by == "Zoë \"");
  CHECK(hits[0].angle == 0.25);
  CHECK(hits[0].path.at(1).x == 5);
  CHECK_FALSE(hits[1].angle);
}

TEST_CASE("json is sent as its serialization, and received as its value") {
  Fixture f;
  json received;
  const Subscription subscription = f.socket.on<json>("*", [&](const json& j) { received = j; });
  f.socket.send(json{{"type", "input"}, {"x", 1}});
  const json named = {{"type", "named"}, {"list", {1, 2}}};
  f.socket.send(named);
  CHECK(sent_texts(f.runtime.connection()) ==
        Lines{R"({"type":"input","x":1})", R"({"list":[1,2],"type":"named"})"});
  f.runtime.connection().deliver_text(sent_texts(f.runtime.connection()).back());
  CHECK(received == named);
}

TEST_CASE("strings and bytes are sent unchanged if steady/json.hpp is included") {
  Fixture f;
  f.socket.send("literal");
  f.socket.send(std::string("string"));
  f.socket.send(std::vector<std::byte>(3));
  f.socket.send(steady::Payload::text("payload"));
  CHECK(sent_texts(f.runtime.connection()) ==
        Lines{"literal", "string", std::string(3, '\0'), "payload"});
  // Ambiguous: bytes, or a list of numbers.
  STATIC_REQUIRE_FALSE(steady::Encodable<std::vector<unsigned char>>);
  STATIC_REQUIRE_FALSE(steady::Encodable<std::string>);
}

TEST_CASE("invalid UTF-8 in a JSON value is sent as U+FFFD") {
  Fixture f;
  f.socket.send(json{{"v",
                      "a\xff"
                      "b\xc3"}});
  CHECK(sent_texts(f.runtime.connection()) == Lines{"{\"v\":\"a\xef\xbf\xbd"
                                                    "b\xef\xbf\xbd\"}"});
}

TEST_CASE("a message that a handler's type cannot be read from is one error, and reaches others") {
  Fixture f;
  int hits = 0;
  int values = 0;
  int messages = 0;
  const Subscription first = f.socket.on<game::Hit>("hit", [&](const game::Hit&) { ++hits; });
  const Subscription second = f.socket.on<json>("hit", [&](const json&) { ++values; });
  const Subscription third = f.socket.on("hit", [&](const Message&) { ++messages; });
  const auto hit = [](const char* rest) { return std::string(R"({"type":"hit")") + rest; };
  const char* sound = R"(,"at":{"x":1,"y":2},"damage":3,"by":"Ann","path":[],"more":{"x":[0]}})";

  CHECK(f.errors_of(hit(sound)).empty());
  CHECK(hits == 1);
  CHECK(f.errors_of(hit(",")) == malformed);
  CHECK(f.socket.error().message == R"("hit": not JSON: {"type":"hit",)");
  CHECK(f.errors_of(hit(",\"v\":") + nested(64) + "}") == malformed);
  CHECK(f.errors_of(hit(",\"v\":\"") + std::string(1 << 20, 'x') + "\"}") == malformed);
  CHECK(values == 1);
  CHECK(messages == 4);
  for (const char* text : {"}", R"(,"at":1,"damage":3,"by":"Ann","path":[]})",
                           R"(,"at":{"x":1,"y":"2"},"damage":3,"by":"Ann","path":[]})",
                           R"(,"at":{"x":1,"y":2},"damage":256,"by":"Ann","path":[]})",
                           R"(,"at":{"x":1,"y":2},"damage":3,"by":null,"path":[]})",
                           R"(,"at":{"x":1,"y":2},"damage":3,"by":"Ann","angle":"0","path":[]})",
                           R"(,"at":{"x":1,"y":2},"damage":3,"by":"Ann","path":[{"x":1}]})"}) {
    INFO(text);
    CHECK(f.errors_of(hit(text)) == malformed);
  }
  CHECK(f.socket.error().message ==
        "\"hit\": refused by from_json: " +
            hit(R"(,"at":{"x":1,"y":2},"damage":3,"by":"Ann","path":[{"x":1}]})"));
  CHECK(hits == 1);
  CHECK(values == 8);
  CHECK(messages == 11);
  CHECK(f.socket.state() == State::open);
  CHECK(f.errors_of(hit(sound)).empty());
  CHECK(hits == 2);
}

TEST_CASE("an exception of nlohmann's own from_json is reported as a malformed message") {
  Fixture f;
  std::vector<int> received;
  const Subscription subscription = f.socket.on<game::Classic>(
      "classic", [&](const game::Classic& value) { received.push_back(value.n); });
  CHECK(f.errors_of(R"({"type":"classic","n":"1","list":[]})") == malformed);
  CHECK(f.errors_of(R"({"type":"classic","n":1,"list":[]})").empty());
  CHECK(received == std::vector{1});
}

TEST_CASE("a handler of JSON values may destroy the socket") {
  ManualRuntime runtime;
  auto socket = std::make_unique<Socket>(options_for_tests(), runtime);
  runtime.connection().accept();
  int sum = 0;
  const Subscription first = socket->on<game::Hit>("hit", [&](const game::Hit& hit) {
    socket.reset();
    sum += hit.at.x;
  });
  const Subscription second = socket->on<json>("*", [&](const json&) { ++sum; });
  runtime.connection().deliver_text(
      R"({"type":"hit","at":{"x":10,"y":2},"damage":3,"by":"Ann","path":[]})");
  runtime.run_posted();
  CHECK(socket == nullptr);
  CHECK(sum == 10);
}
