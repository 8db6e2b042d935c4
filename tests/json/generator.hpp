#pragma once

#include <cstdint>
#include <initializer_list>
#include <random>
#include <string>

/// Generates JSON with many routing members.
class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) {}

  /// An object or an array.
  std::string text(int depth) { return below(4) == 0 ? array(depth) : object(depth); }

  /// Changes, removes or adds one to three bytes.
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

 private:
  int below(int bound) { return static_cast<int>(random_() % static_cast<std::uint64_t>(bound)); }
  std::string pick(std::initializer_list<const char*> list) {
    return *(list.begin() + below(static_cast<int>(list.size())));
  }
  std::string space() { return pick({"", "", "", " ", "\n", "\t\r "}); }
  std::string key() {
    return pick({R"("type")", R"("type")", R"("\u0074ype")", R"("t\u0079pe")", R"("typ")",
                 R"("types")", R"("a")", R"("")", R"("a\"b")", R"("\\")", R"("日本")"});
  }
  std::string string() {
    return pick({R"("chat")", R"("")", R"("a\"b")", R"("\\")", R"("}{][,:")", R"("\u0041\n\/")",
                 R"("\ud83d\ude00")", R"("\u0000")", R"("é日本😀")", R"("type")"});
  }

  std::string object(int depth) {
    std::string text = space() + "{";
    const int members = below(5);
    for (int i = 0; i < members; ++i) {
      if (i > 0) text += space() + ",";
      text += space() + key() + space() + ":" + space() + value(depth) + space();
    }
    return text + space() + "}";
  }
  std::string array(int depth) {
    std::string text = space() + "[";
    const int items = below(4);
    for (int i = 0; i < items; ++i) text += (i > 0 ? "," : "") + space() + value(depth);
    return text + space() + "]";
  }
  std::string value(int depth) {
    switch (below(depth > 0 ? 9 : 6)) {
      case 0:
        return pick({"0", "-1", "1.5e10", "true", "false", "null"});
      case 6:
        return object(depth - 1);
      case 7:
      case 8:
        return array(depth - 1);
      default:
        return string();
    }
  }

  std::mt19937_64 random_;
};
