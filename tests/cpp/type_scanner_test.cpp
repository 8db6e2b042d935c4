#include "type_scanner.hpp"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <string>

#include "catch.hpp"

using nlohmann::json;
using steady::detail::TypeScanner;
using Result = TypeScanner::Result;

namespace {

std::optional<std::string> scan(std::string_view text, std::string key = "type") {
  TypeScanner scanner(std::move(key));
  if (scanner.scan(text) != Result::found) return std::nullopt;
  return std::string(scanner.type());
}

/// What a whole parser says. The first of duplicate members decides, as in the scanner.
std::optional<std::string> oracle(const std::string& text) {
  bool want = false;
  bool decided = false;
  std::optional<std::string> answer;
  const json parsed = json::parse(
      text,
      [&](int at, json::parse_event_t event, json& value) {
        using Event = json::parse_event_t;
        if (event == Event::key && at == 1 && !decided) want = value == "type";
        if (want && !decided &&
            (event == Event::value || event == Event::object_start ||
             event == Event::array_start) &&
            at == 1) {
          decided = true;
          if (event == Event::value && value.is_string()) answer = value.get<std::string>();
        }
        return true;
      },
      /*allow_exceptions=*/false);
  if (parsed.is_discarded() || !parsed.is_object()) return std::nullopt;
  return answer;
}

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) {}

  std::string object(int depth) {
    std::string text = space() + "{";
    const int members = below(5);
    for (int i = 0; i < members; ++i) {
      if (i > 0) text += space() + ",";
      text += space() + key() + space() + ":" + space() + value(depth) + space();
    }
    return text + space() + "}";
  }

  std::string mutate(std::string text) {
    static const std::string marks = "{}[],:\"\\ \ntype0u";
    for (int i = below(3); i >= 0 && !text.empty(); --i) {
      const auto at = static_cast<std::size_t>(below(static_cast<int>(text.size())));
      const char mark = marks[static_cast<std::size_t>(below(static_cast<int>(marks.size())))];
      switch (below(3)) {
        case 0:
          text.erase(at, 1);
          break;
        case 1:
          text.insert(at, 1, mark);
          break;
        default:
          text[at] = mark;
      }
    }
    return text;
  }

  int below(int bound) { return std::uniform_int_distribution<int>(0, bound - 1)(random_); }

 private:
  std::string pick(std::initializer_list<const char*> list) {
    return *(list.begin() + below(static_cast<int>(list.size())));
  }
  std::string space() { return pick({"", "", "", " ", "\n", "\t\r "}); }
  std::string key() {
    return pick({R"("type")", R"("type")", R"("\u0074ype")", R"("t\u0079pe")", R"("typ")",
                 R"("types")", R"("")", R"("a\"b")", R"("\\")", R"("日本")"});
  }
  std::string string() {
    return pick({R"("chat")", R"("")", R"("a\"b")", R"("\\")", R"("}{][,:")", R"("\u0041\n\/")",
                 R"("\ud83d\ude00")", R"("é日本😀")", R"("type")"});
  }
  std::string value(int depth) {
    const int kind = below(depth > 0 ? 9 : 6);
    switch (kind) {
      case 0:
        return pick({"0", "-1", "1.5e10", "true", "false", "null"});
      case 6:
        return object(depth - 1);
      case 7:
      case 8: {
        std::string text = "[";
        const int items = below(4);
        for (int i = 0; i < items; ++i) text += (i > 0 ? "," : "") + space() + value(depth - 1);
        return text + space() + "]";
      }
      default:
        return string();
    }
  }

  std::mt19937_64 random_;
};

}  // namespace

TEST_CASE("the type is found wherever the top level has it") {
  CHECK(scan(R"({"type":"chat"})") == "chat");
  CHECK(scan(R"( { "a" : [1,{"type":"no"}], "type" : "yes" } )") == "yes");
  CHECK(scan(R"({"a":"}{\"","type":"x"})") == "x");
  CHECK(scan(R"({"type":""})") == "");
  CHECK(scan(R"({"kind":"k","type":"t"})", "kind") == "k");
}

TEST_CASE("the first of duplicate members decides") {
  CHECK(scan(R"({"type":"a","type":"b"})") == "a");
  CHECK(scan(R"({"type":1,"type":"b"})") == std::nullopt);
}

TEST_CASE("escapes are undone in keys and values") {
  CHECK(scan(R"({"\u0074ype":"a\"\\\/\b\f\n\r\tz"})") == "a\"\\/\b\f\n\r\tz");
  CHECK(scan(R"({"type":"\u00e9\u65e5\ud83d\ude00"})") == "é日😀");
  CHECK(scan(R"({"type":"a\u0000b"})") == std::string("a\0b", 3));
  CHECK(scan(R"({"type":"\ud83d"})") == "\uFFFD");
  CHECK(scan(R"({"type":"\ude00\ud83dx"})") == "\uFFFD\uFFFDx");
  CHECK(scan(R"({"type":"\ud83d\u0041"})") ==
        "\uFFFD"
        "A");
}

TEST_CASE("a JSON Pointer steps into objects and arrays") {
  CHECK(scan(R"({"a":{"type":"x"},"header":{"n":1,"type":"y"}})", "/header/type") == "y");
  CHECK(scan(R"([null,"1","room:lobby","event",{}])", "/3") == "event");
  CHECK(scan(R"({"a":[[],[{"b":"c"}]]})", "/a/1/0/b") == "c");
  CHECK(scan(R"({"a/b":{"~":"x"}})", "/a~1b/~0") == "x");
  CHECK(scan(R"({"~1":"x"})", "/~01") == "x");
  CHECK(scan(R"({"":"x"})", "/") == "x");
  CHECK(scan(R"({"3":"x"})", "/3") == "x");
  CHECK(scan(R"({"/a":"x","a":"y"})", "/a") == "y");
  for (const char* pointer : {"/4", "/00", "/-", "/1/0", "/type", "/3/0", "/99999999999"}) {
    INFO(pointer);
    CHECK(scan(R"([1,[],3,"x"])", pointer) == std::nullopt);
  }
  CHECK(scan(R"(["x"])", "0") == std::nullopt);
}

TEST_CASE("of a beginning it is said whether more of the text could help") {
  const std::string text = R"( {"a\u0062":[1,{"b":"]"}],"t\u0079pe" : "x\ud83d\ude00"})";
  TypeScanner scanner("type");
  const std::size_t needed = text.size() - 1;
  for (std::size_t size = 0; size <= text.size(); ++size) {
    INFO(text.substr(0, size));
    CHECK(scanner.scan(std::string_view(text).substr(0, size)) ==
          (size < needed ? Result::cut_off : Result::found));
  }
  for (const char* end : {"[", "x", "{\"a\" 1", "{\"a\":1}", R"({"type":1,)", R"({"type":"\x,)"}) {
    INFO(end);
    CHECK(scanner.scan(end) == Result::absent);
  }
}

TEST_CASE("nothing behind the member is looked at") {
  CHECK(scan(R"({"type":"a", this is not JSON)") == "a");
  CHECK(scan(R"({"type":"a")") == "a");
}

TEST_CASE("what is not an object with a string member has no type") {
  for (const char* text : {"",
                           " ",
                           "{",
                           "{\"",
                           "{\"type",
                           "{\"type\"",
                           "{\"type\":",
                           "{\"type\":\"",
                           "{\"type\":\"a",
                           "{\"type\":\"\\",
                           "{\"type\":\"\\u12",
                           "{\"type\":\"\\x\"}",
                           "{\"type\":\"a\nb\"}",
                           "[]",
                           "\"type\"",
                           "null",
                           "{}",
                           "{\"a\":1}",
                           "{\"a\":}",
                           "{\"a\":[}",
                           "{\"a\":{\"type\":\"x\"}}",
                           "{type:\"a\"}",
                           "{'type':'a'}",
                           "{,\"type\":\"a\"}",
                           "{\"a\" 1,\"type\":\"b\"}",
                           "{\"a\":1 \"type\":\"b\"}",
                           "\xEF\xBB\xBF{\"type\":\"a\"}",
                           "{\"type\":{\"type\":\"a\"}}"}) {
    INFO(text);
    CHECK(scan(text) == std::nullopt);
  }
}

TEST_CASE("depth costs no stack") {
  std::string deep =
      R"({"a":)" + std::string(1'000'000, '[') + std::string(1'000'000, ']') + R"(,"type":"x"})";
  CHECK(scan(deep) == "x");
}

TEST_CASE("a scanner is used again and again") {
  TypeScanner scanner("type");
  CHECK(scanner.scan(R"({"type":"\u0061"})") == Result::found);
  CHECK(scanner.type() == "a");
  CHECK(scanner.scan("{}") == Result::absent);
  CHECK(scanner.type().empty());
  CHECK(scanner.scan(R"({"type":"b"})") == Result::found);
  CHECK(scanner.type() == "b");
}

TEST_CASE("for every valid JSON text the scanner answers as a whole parser does") {
  const std::uint64_t seed = std::random_device{}();
  Generator generator(seed);
  for (int i = 0; i < 30'000; ++i) {
    const std::string text = generator.object(3);
    if (scan(text) != oracle(text)) {
      FAIL("seed " << seed << ", text " << i << ": " << text);
    }
  }
  SUCCEED("seed " << seed);
}

TEST_CASE("of mutated texts, those that are valid JSON still give the parser's answer") {
  const std::uint64_t seed = std::random_device{}();
  Generator generator(seed);
  int valid = 0;
  for (int i = 0; i < 30'000; ++i) {
    const std::string text = generator.mutate(generator.object(2));
    const auto found = scan(text);
    if (!json::accept(text)) continue;
    ++valid;
    if (found != oracle(text)) FAIL("seed " << seed << ", text " << i << ": " << text);
  }
  CHECK(valid > 300);
}
