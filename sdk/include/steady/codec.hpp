#pragma once

#include <concepts>
#include <cstddef>
#include <span>
#include <string_view>
#include <type_traits>

#include "steady/error.hpp"
#include "steady/message.hpp"
#include "steady/payload.hpp"

namespace steady {

/// Converts values of type T to and from messages, for Socket::send(const T&) and Socket::on<T>.
/// steady/json.hpp specialises it for JSON. Specialise it for your own types, with one or both of
///
///   static Payload encode(const T& value);
///   static Error decode(const Message& message, T& value);  // errors: malformed_message
template <class T>
struct Codec;

/// T has a Codec with encode().
template <class T>
concept Encodable = requires(const T& value) {
  { Codec<T>::encode(value) } -> std::same_as<Payload>;
};

/// A string that is set in an encoded value: the type of a message, or the id of a request.
struct Member {
  /// Name of a member of an object, or a JSON Pointer: see Options::type_member.
  std::string_view name;
  /// Value. UTF-8.
  std::string_view value;
};

/// T has a Codec that sets members in what it encodes, for Socket::send(type, value) and
/// Socket::request:
///
///   // Returns false if the encoded value cannot have these members: it is no object, for example.
///   static bool encode(const T& value, std::span<const Member> members, Payload& out);
template <class T>
concept EncodableWithMembers = requires(const T& value, std::span<const Member> members,
                                        Payload& out) {
  { Codec<T>::encode(value, members, out) } -> std::same_as<bool>;
};

/// T has a Codec with decode().
template <class T>
concept Decodable = std::default_initializable<T> && requires(const Message& message, T& value) {
  { Codec<T>::decode(message, value) } -> std::same_as<Error>;
};

namespace detail {
/// Converts to bytes. Excludes types that convert to anything, such as nlohmann's json.
template <class T>
concept ConvertsToBytes = std::is_convertible_v<const T&, std::span<const std::byte>> &&
    !std::is_convertible_v<const T&, std::span<const int>>;

/// Converts to unsigned chars, and has no Codec.
template <class T>
concept ConvertsToOctets = std::is_convertible_v<const T&, std::span<const unsigned char>> &&
                           !std::is_convertible_v<const T&, std::span<const int>> &&
                           !Encodable<T>;

/// Sent without a Codec.
template <class T>
concept SentAsIs = std::is_convertible_v<const T&, std::string_view> || ConvertsToBytes<T> ||
    ConvertsToOctets<T> || std::same_as<T, Payload>;

template <class T>
concept SentByCodec = Encodable<T> || !SentAsIs<T>;
}  // namespace detail

}  // namespace steady
