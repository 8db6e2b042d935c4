#include "oracle.hpp"

#include <array>
#include <cstddef>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include "batch_reader.hpp"
#include "type_scanner.hpp"

namespace {

using nlohmann::json;
using steady::detail::BatchReader;
using steady::detail::TypeScanner;
using Type = std::optional<std::string>;
using Result = TypeScanner::Result;

/// The result of nlohmann/json.
struct Parsed {
  json value;
  /// The string of the first member "type" of the top level.
  Type type;
  bool has_duplicates = false;
};

Parsed parse(const std::string& text) {
  Parsed parsed;
  bool decided = false;
  bool is_type = false;
  std::vector<std::set<std::string>> keys;
  parsed.value = json::parse(
      text,
      [&](int depth, json::parse_event_t event, json& value) {
        using Event = json::parse_event_t;
        if (event == Event::object_start) keys.emplace_back();
        if (event == Event::object_end) keys.pop_back();
        if (event == Event::key) {
          if (!keys.back().insert(value.get<std::string>()).second) parsed.has_duplicates = true;
          if (depth == 1) is_type = value == "type";
        }
        const bool begins =
            event == Event::value || event == Event::object_start || event == Event::array_start;
        if (depth == 1 && begins && is_type && !decided) {
          decided = true;
          if (event == Event::value && value.is_string()) parsed.type = value.get<std::string>();
        }
        return true;
      },
      /*allow_exceptions=*/false);
  if (!parsed.value.is_object()) parsed.type.reset();
  return parsed;
}

Type scan(TypeScanner& scanner, std::string_view text) {
  if (scanner.scan(text) != Result::found) return std::nullopt;
  return std::string(scanner.type());
}

std::string disagreement_on_elements(const std::string& text, const json& value) {
  if (BatchReader::is_batch(text) != value.is_array()) return "whether it is an array";
  BatchReader reader(text);
  std::size_t count = 0;
  for (std::string_view element; value.is_array() && reader.next(element); ++count) {
    if (count == value.size() || json::parse(element, nullptr, false) != value[count]) {
      return "element " + std::to_string(count);
    }
  }
  if (!value.is_array()) return "";
  if (reader.is_malformed()) return "whether the array is malformed";
  return count == value.size() ? "" : "the number of elements";
}

struct Pointed {
  explicit Pointed(const char* text) : pointer(text), scanner(text) {}

  json::json_pointer pointer;
  TypeScanner scanner;
};

/// Reused for every input, as in a router.
struct Scanners {
  TypeScanner type{"type"};
  std::array<Pointed, 6> pointers{Pointed("/type"), Pointed("/a/type"), Pointed("/types/0"),
                                  Pointed("/0"),    Pointed("/1/type"), Pointed("/2/1/0")};
};

std::string disagreement_on_types(const std::string& text, Parsed& parsed, Scanners& scanners) {
  const Type type = scan(scanners.type, text);
  if (type != parsed.type) return "the type";

  const std::size_t size = std::hash<std::string>{}(text) % (text.size() + 1);
  const Result begun = scanners.type.scan(std::string_view(text).substr(0, size));
  const bool agrees =
      begun == Result::cut_off ||
      (begun == Result::found ? type == scanners.type.type() : type == std::nullopt);
  if (!agrees) return "the type, in the first " + std::to_string(size) + " bytes";

  // nlohmann/json keeps the last of duplicate members.
  if (parsed.has_duplicates) return "";
  for (auto& [pointer, scanner] : scanners.pointers) {
    Type expected;
    if (parsed.value.contains(pointer) && parsed.value[pointer].is_string()) {
      expected = parsed.value[pointer].get<std::string>();
    }
    if (scan(scanner, text) != expected) return "the string at " + pointer.to_string();
  }
  return "";
}

/// Only checks that reading ends; the results are not defined.
void read(const std::string& text, Scanners& scanners) {
  scan(scanners.type, text);
  for (Pointed& pointed : scanners.pointers) scan(pointed.scanner, text);
  BatchReader reader(text);
  for (std::string_view element; reader.next(element);) {
  }
}

/// nlohmann/json accepts a byte order mark, which JSON excludes (RFC 8259 8.1), and ends at U+0000.
bool is_beyond_json(std::string_view text) {
  return text.starts_with("\xEF\xBB\xBF") || text.find('\0') != std::string_view::npos;
}

}  // namespace

Verdict compare(const std::string& text) {
  static Scanners scanners;
  Parsed parsed = parse(text);
  if (parsed.value.is_discarded() || is_beyond_json(text)) {
    read(text, scanners);
    return {};
  }
  std::string what = disagreement_on_types(text, parsed, scanners);
  if (what.empty()) what = disagreement_on_elements(text, parsed.value);
  return {true, what};
}
