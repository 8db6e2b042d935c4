#pragma once

// JSON for payloads, on nlohmann/json 3.10 or newer. Link steadysocket::json.

#include <cmath>
#include <concepts>
#include <cstddef>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "steady/codec.hpp"
#include "steady/error.hpp"
#include "steady/message.hpp"
#include "steady/payload.hpp"

namespace steady {

using json = nlohmann::json;

/// What parse() takes. More is refused before anything is made of it.
struct JsonLimits {
  /// Arrays and objects inside each other. 1 allows [] and not [[]].
  std::size_t max_depth = 64;
  /// Of text. The value may take some thirty times as many.
  std::size_t max_bytes = std::size_t{1} << 20;
};

/// The answer of parse(). Tests as true when there is a value; null stands in for one otherwise.
struct ParseResult {
  /// What was read; null if there is an error.
  json value = nullptr;
  /// Why it could not be read.
  Error error = {};

  /// It could be read.
  explicit operator bool() const { return !error; }
  /// What was read.
  json& operator*() { return value; }
  /// What was read.
  const json& operator*() const { return value; }
  /// What was read.
  json* operator->() { return &value; }
  /// What was read.
  const json* operator->() const { return &value; }
};

/// The value of a text message. Never throws.
/// Errors: malformed_message if it is binary, beyond the limits, or not JSON (RFC 8259).
ParseResult parse(const Message& message, const JsonLimits& limits = {});

/// Reads `value` as a T: bool, a number, std::string, json, a type with
/// `bool from_json(const steady::json&, T&)`, or std::vector or std::optional of these. Unlike
/// nlohmann's get() and at() it neither throws nor aborts. Nothing is converted: an integer type
/// takes integers that it can hold, and no 1.0; a floating point type takes every number that is
/// not too large; an optional takes null. False leaves `out` as it was, except for what a from_json
/// has done to it.
template <class T>
bool read(const json& value, T& out);

/// Reads the member `name` of `object` in the same way. False if there is none, or no object; an
/// optional is empty where the member is missing.
template <class T>
bool read(const json& object, std::string_view name, T& out);

namespace detail {

// Only what argument-dependent lookup finds for T counts, which is what was written for T. What it
// finds for json is nlohmann's own, which from 3.11.3 on takes numbers, containers and
// enumerations.

/// Stands for a json, and has no namespace of nlohmann's.
struct AnyJson {
  operator const json&() const;
  operator json&();
};

/// Has the from_json that says false where `value` is not what it takes.
template <class T>
concept ReadsChecked = requires(const json& value, T& out) {
  { from_json(value, out) } -> std::same_as<bool>;
};

/// Has nlohmann's from_json, which throws. One for every kind of json is a template, and does not
/// take an AnyJson.
template <class T>
concept ReadsOrThrows =
    !ReadsChecked<T> &&
    (requires(const AnyJson& value, T& out) { from_json(value, out); } ||
     (
         requires(const json& value, T& out) { from_json(value, out); } &&
         !requires(const json& value, T& out) { nlohmann::detail::from_json(value, out); }));

template <class T>
concept Writes = requires(AnyJson& value, const T& in) {
  to_json(value, in);
}
|| (
       requires(json & value, const T& in) { to_json(value, in); } &&
       !requires(json & value, const T& in) { nlohmann::detail::to_json(value, in); });

template <class T>
concept Reads = ReadsChecked<T> || ReadsOrThrows<T>;

template <class T>
concept Travels = Writes<T> || Reads<T>;

template <class T>
concept Integer = std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char> &&
                  !std::same_as<T, wchar_t> && !std::same_as<T, char8_t> &&
                  !std::same_as<T, char16_t> && !std::same_as<T, char32_t>;

template <class T>
inline constexpr bool is_vector = false;
template <class T, class Allocator>
inline constexpr bool is_vector<std::vector<T, Allocator>> = true;

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

// Emscripten has the words and no exceptions: what is thrown ends the program. It does not say
// whether -fexceptions has changed that.
#if !defined(__cpp_exceptions) || defined(JSON_NOEXCEPTION) ||           \
    (defined(__EMSCRIPTEN__) && !defined(__wasm_exception_handling__) && \
     !defined(STEADYSOCKET_EXCEPTIONS))
inline constexpr bool can_catch = false;
#else
inline constexpr bool can_catch = true;
#endif

/// What `step` answers; false if it throws.
template <class Step>
bool succeeds(Step step) {
#ifdef __cpp_exceptions
  try {
    return step();
  } catch (...) {
    return false;
  }
#else
  return step();
#endif
}

template <Integer T>
bool read_integer(const json& value, T& out) {
  const auto take = [&out](auto number) {
    if (!std::in_range<T>(number)) return false;
    out = static_cast<T>(number);
    return true;
  };
  // An unsigned number counts as an integer, too.
  if (const auto* number = value.get_ptr<const json::number_unsigned_t*>()) return take(*number);
  if (const auto* number = value.get_ptr<const json::number_integer_t*>()) return take(*number);
  return false;
}

template <std::floating_point T>
bool read_floating(const json& value, T& out) {
  const auto take = [&out](auto number) {
    if constexpr (std::floating_point<decltype(number)>) {
      if (std::abs(number) > std::numeric_limits<T>::max()) return false;
    }
    out = static_cast<T>(number);
    return true;
  };
  if (const auto* number = value.get_ptr<const json::number_float_t*>()) return take(*number);
  if (const auto* number = value.get_ptr<const json::number_unsigned_t*>()) return take(*number);
  if (const auto* number = value.get_ptr<const json::number_integer_t*>()) return take(*number);
  return false;
}

template <class Vector>
bool read_elements(const json& value, Vector& out) {
  const auto* array = value.get_ptr<const json::array_t*>();
  if (array == nullptr) return false;
  Vector elements;
  elements.reserve(array->size());
  for (const json& element : *array) {
    typename Vector::value_type content{};
    if (!steady::read(element, content)) return false;
    elements.push_back(std::move(content));
  }
  out = std::move(elements);
  return true;
}

template <class T>
bool read_optional(const json& value, std::optional<T>& out) {
  if (value.is_null()) {
    out.reset();
    return true;
  }
  T content{};
  if (!steady::read(value, content)) return false;
  out = std::move(content);
  return true;
}

/// True if arrays and objects are inside each other more than `limit` deep. Exact for JSON, and for
/// other texts as far as they are JSON.
inline bool nests_deeper_than(std::size_t limit, std::string_view text) {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      in_string = !in_string;
    } else if (in_string) {
      if (c == '\\') ++i;
    } else if (c == '[' || c == '{') {
      if (++depth > limit) return true;
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return false;
}

}  // namespace detail

inline ParseResult parse(const Message& message, const JsonLimits& limits) {
  const auto refused = [](const char* why) {
    return ParseResult{nullptr, {ErrorCode::malformed_message, why}};
  };
  const std::string_view text = message.data;
  if (message.kind != MessageKind::text) return refused("a binary message is not JSON");
  if (text.size() > limits.max_bytes) return refused("larger than JsonLimits::max_bytes");
  if (detail::nests_deeper_than(limits.max_depth, text)) {
    return refused("deeper than JsonLimits::max_depth");
  }
  // Where nlohmann's parser would see the end of the text.
  if (text.find('\0') != text.npos) return refused("not JSON");
  ParseResult result;
  const bool is_json = detail::succeeds([&] {
    result.value = json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
    return !result.value.is_discarded();
  });
  return is_json ? std::move(result) : refused("not JSON");
}

template <class T>
bool read(const json& value, T& out) {
  if constexpr (std::same_as<T, json>) {
    out = value;
    return true;
  } else if constexpr (detail::ReadsChecked<T>) {
    return detail::succeeds([&] { return from_json(value, out); });
  } else if constexpr (detail::ReadsOrThrows<T>) {
    static_assert(detail::ReadsChecked<T> || detail::can_catch,
                  "The from_json of this type throws where a value does not fit, which ends a "
                  "program without exceptions: make it `bool from_json(const steady::json&, T&)` "
                  "with steady::read. If you have Emscripten's -fexceptions, define "
                  "STEADYSOCKET_EXCEPTIONS.");
    return detail::succeeds([&] { return from_json(value, out), true; });
  } else if constexpr (std::same_as<T, bool>) {
    const auto* flag = value.get_ptr<const json::boolean_t*>();
    if (flag != nullptr) out = *flag;
    return flag != nullptr;
  } else if constexpr (std::same_as<T, std::string>) {
    const auto* text = value.get_ptr<const json::string_t*>();
    if (text != nullptr) out = *text;
    return text != nullptr;
  } else if constexpr (detail::Integer<T>) {
    return detail::read_integer(value, out);
  } else if constexpr (std::floating_point<T>) {
    return detail::read_floating(value, out);
  } else if constexpr (detail::is_vector<T>) {
    return detail::read_elements(value, out);
  } else if constexpr (detail::is_optional<T>) {
    return detail::read_optional(value, out);
  } else {
    static_assert(detail::Reads<T>, "This type has no `bool from_json(const steady::json&, T&)`.");
    return false;
  }
}

template <class T>
bool read(const json& object, std::string_view name, T& out) {
  const auto* members = object.get_ptr<const json::object_t*>();
  if (members == nullptr) return false;
  const auto member = members->find(name);
  if (member != members->end()) return steady::read(member->second, out);
  if constexpr (detail::is_optional<T>) out.reset();
  return detail::is_optional<T>;
}

/// Any JSON.
template <>
struct Codec<json> {
  /// What is not UTF-8 goes as U+FFFD.
  static Payload encode(const json& value) {
    return Payload::json(value.dump(-1, ' ', false, json::error_handler_t::replace));
  }
  /// Reads a text within the limits of JsonLimits.
  static Error decode(const Message& message, json& value) {
    ParseResult parsed = parse(message);
    value = std::move(parsed.value);
    return std::move(parsed.error);
  }
};

/// Types with a to_json, a from_json, or both.
template <detail::Travels T>
struct Codec<T> {
  /// The value as a text, by its `to_json`.
  static Payload encode(const T& value) requires detail::Writes<T> {
    json written;
    to_json(written, value);
    return Codec<json>::encode(written);
  }
  /// Reads a text by the `from_json` of the type. An error if that says false or throws.
  static Error decode(const Message& message, T& value) requires detail::Reads<T> {
    ParseResult parsed = parse(message);
    if (!parsed || steady::read(parsed.value, value)) return std::move(parsed.error);
    return {ErrorCode::malformed_message, "refused by from_json"};
  }
};

}  // namespace steady
