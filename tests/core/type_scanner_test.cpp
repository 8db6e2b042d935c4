#include "type_scanner.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "catch.hpp"

using steady::detail::TypeScanner;
using Result = TypeScanner::Result;

namespace {

std::optional<std::string> scan(std::string_view text, std::string key = "type") {
  TypeScanner scanner(std::move(key));
  if (scanner.scan(text) != Result::found) return std::nullopt;
  return std::string(scanner.type());
}

}  // namespace

TEST_CASE("the type is found anywhere at the top level") {
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

TEST_CASE("escapes in keys and values are decoded") {
  CHECK(scan(R"({"\u0074ype":"a\"\\\/\b\f\n\r\tz"})") == "a\"\\/\b\f\n\r\tz");
  CHECK(scan(R"({"type":"\u00e9\u65e5\ud83d\ude00"})") == "é日😀");
  CHECK(scan(R"({"type":"a\u0000b"})") == std::string("a\0b", 3));
  CHECK(scan(R"({"type":"\ud83d"})") == "\uFFFD");
  CHECK(scan(R"({"type":"\ude00\ud83dx"})") == "\uFFFD\uFFFDx");
  CHECK(scan(R"({"type":"\ud83d\u0041"})") ==
        "\uFFFD"
        "A");
}

TEST_CASE("a JSON Pointer selects members and elements") {
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

TEST_CASE("scanning the beginning of a message returns whether more of it is needed") {
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

TEST_CASE("the message is not read after the member") {
  CHECK(scan(R"({"type":"a", this is not JSON)") == "a");
  CHECK(scan(R"({"type":"a")") == "a");
}

TEST_CASE("a message that is not an object with the string member has no type") {
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

TEST_CASE("nesting takes no stack") {
  std::string deep =
      R"({"a":)" + std::string(1'000'000, '[') + std::string(1'000'000, ']') + R"(,"type":"x"})";
  CHECK(scan(deep) == "x");
}

TEST_CASE("a scanner can be reused") {
  TypeScanner scanner("type");
  CHECK(scanner.scan(R"({"type":"\u0061"})") == Result::found);
  CHECK(scanner.type() == "a");
  CHECK(scanner.scan("{}") == Result::absent);
  CHECK(scanner.type().empty());
  CHECK(scanner.scan(R"({"type":"b"})") == Result::found);
  CHECK(scanner.type() == "b");
}
