#pragma once

// JSON for payloads, on nlohmann/json 3.10 or newer. Link steadysocket::json.

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
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

/// Limits of parse(). Checked before the text is parsed.
struct JsonLimits {
  /// Maximum nesting of arrays and objects. 1 allows [] and not [[]]. Default: 64.
  std::size_t max_depth = 64;
  /// Maximum size of the text, in bytes. The value may take about thirty times as much memory.
  /// Default: 1 MiB.
  std::size_t max_bytes = std::size_t{1} << 20;
};

/// Return value of parse(). Converts to true if there is no error.
struct ParseResult {
  /// Parsed value; null if there is an error.
  json value = nullptr;
  /// Error, or no error.
  Error error = {};

  /// True if there is no error.
  explicit operator bool() const { return !error; }
  /// Returns the value.
  json& operator*() { return value; }
  /// Returns the value.
  const json& operator*() const { return value; }
  /// Returns the value.
  json* operator->() { return &value; }
  /// Returns the value.
  const json* operator->() const { return &value; }
};

/// Parses a text message. Never throws.
/// Errors: malformed_message if it is binary, exceeds the limits, or is not JSON (RFC 8259).
[[nodiscard]] ParseResult parse(const Message& message, const JsonLimits& limits = {});

/// Reads `value` as a T: bool, a number, std::string, json, a type with
/// `bool from_json(const steady::json&, T&)`, or std::vector or std::optional of these. Unlike
/// nlohmann's get() and at(), it neither throws nor aborts. Nothing is converted: an integer type
/// accepts integers that it can hold, but not 1.0; a floating-point type accepts every number in
/// its range; an optional accepts null. If it returns false, `out` is unchanged, except for changes
/// made by a from_json.
template <class T>
[[nodiscard]] bool read(const json& value, T& out);

/// Reads the member `name` of `object` in the same way. Returns false if `object` is not an object
/// or has no such member; a missing member resets an optional instead.
template <class T>
[[nodiscard]] bool read(const json& object, std::string_view name, T& out);

namespace detail {

// The concepts consider only functions that argument-dependent lookup finds for T, because those
// were written for T. Lookup for json finds nlohmann's own functions, which since 3.11.3 accept
// numbers, containers and enumerations.

/// Converts to json, but has no associated namespace of nlohmann's.
struct AnyJson {
  operator const json&() const;
  operator json&();
};

/// Has a from_json that returns false if it cannot read `value`.
template <class T>
concept ReadsChecked = requires(const json& value, T& out) {
  { from_json(value, out) } -> std::same_as<bool>;
};

/// Has a from_json as nlohmann defines it, which throws. The second form is for a from_json that is
/// a template on the type of json, which does not accept an AnyJson.
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

// Emscripten defines __cpp_exceptions and accepts try and catch, but by default an exception ends
// the program. No macro reports -fexceptions.
#if !defined(__cpp_exceptions) || defined(JSON_NOEXCEPTION) ||           \
    (defined(__EMSCRIPTEN__) && !defined(__wasm_exception_handling__) && \
     !defined(STEADYSOCKET_EXCEPTIONS))
inline constexpr bool can_catch = false;
#else
inline constexpr bool can_catch = true;
#endif

/// Returns the result of `step`; false if it throws.
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
  // get_ptr<number_integer_t> also matches unsigned numbers, so these are tested first.
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

/// Returns the element of `container` that a reference token (RFC 6901 4) identifies, and makes it
/// if it is missing: null becomes an object, and an array may grow by one element. Returns null if
/// there can be no such element.
inline json* element_for(json& container, const std::string& token) {
  if (container.is_null()) container = json::object();
  if (container.is_object()) return &container[token];
  if (!container.is_array() || token.empty() || token.size() > 9) return nullptr;
  std::size_t index = 0;
  for (const char c : token) {
    if (c < '0' || c > '9') return nullptr;
    index = 10 * index + static_cast<std::size_t>(c - '0');
  }
  if (index > container.size()) return nullptr;
  if (index == container.size()) container.push_back(nullptr);
  return &container[index];
}

/// Sets a member. Returns false if there can be no such member.
inline bool set_member(json& value, const Member& member) {
  if (!value.is_null() && !value.is_structured()) return false;
  json* at = &value;
  if (!member.name.starts_with('/')) {
    at = element_for(*at, std::string(member.name));
  } else {
    for (std::size_t begin = 1; at != nullptr && begin <= member.name.size();) {
      const std::size_t end = std::min(member.name.find('/', begin), member.name.size());
      std::string token;
      for (std::size_t i = begin; i < end; ++i) {
        const char c = member.name[i];
        if (c == '~' && i + 1 < end) {
          token += member.name[++i] == '0' ? '~' : '/';
        } else {
          token += c;
        }
      }
      at = element_for(*at, token);
      begin = end + 1;
    }
  }
  if (at == nullptr) return false;
  *at = std::string(member.value);
  return true;
}

/// Returns true if arrays and objects are nested more than `limit` deep. Exact for the part of the
/// text that is valid JSON.
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
  // nlohmann's parser takes U+0000 for the end of the text.
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

/// Codec of any JSON value.
template <>
struct Codec<json> {
  /// Invalid UTF-8 in strings is replaced by U+FFFD.
  static Payload encode(const json& value) {
    return Payload::json(value.dump(-1, ' ', false, json::error_handler_t::replace));
  }
  /// Sets the members in an object or an array, and serializes it.
  static bool encode(const json& value, std::span<const Member> members, Payload& out) {
    json whole = value;
    for (const Member& member : members) {
      if (!detail::set_member(whole, member)) return false;
    }
    out = encode(whole);
    return true;
  }
  /// Parses a text message, with the default JsonLimits.
  static Error decode(const Message& message, json& value) {
    ParseResult parsed = parse(message);
    value = std::move(parsed.value);
    return std::move(parsed.error);
  }
};

/// Codec of types with a to_json, a from_json, or both.
template <detail::Travels T>
struct Codec<T> {
  /// Serializes the value with its `to_json`.
  static Payload encode(const T& value) requires detail::Writes<T> {
    json written;
    to_json(written, value);
    return Codec<json>::encode(written);
  }
  /// The same, with members. `to_json` must write an object or an array.
  static bool encode(const T& value, std::span<const Member> members,
                     Payload& out) requires detail::Writes<T> {
    json written;
    to_json(written, value);
    return Codec<json>::encode(written, members, out);
  }
  /// Parses a text message with the type's `from_json`. Returns an error if that returns false or
  /// throws.
  static Error decode(const Message& message, T& value) requires detail::Reads<T> {
    ParseResult parsed = parse(message);
    if (!parsed || steady::read(parsed.value, value)) return std::move(parsed.error);
    return {ErrorCode::malformed_message, "refused by from_json"};
  }
};

}  // namespace steady
