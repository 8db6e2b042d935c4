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

/// How values of type T travel. Socket::send(const T&) and Socket::on<T> use it; steady/json.hpp
/// has it for JSON, and you may specialise it for types of yours, with one or both of
///
///   static Payload encode(const T& value);
///   static Error decode(const Message& message, T& value);  // errors: malformed_message
template <class T>
struct Codec;

/// T has a Codec that encodes.
template <class T>
concept Encodable = requires(const T& value) {
  { Codec<T>::encode(value) } -> std::same_as<Payload>;
};

/// T has a Codec that decodes.
template <class T>
concept Decodable = std::default_initializable<T> && requires(const Message& message, T& value) {
  { Codec<T>::decode(message, value) } -> std::same_as<Error>;
};

namespace detail {
/// Bytes; not what turns into anything, as nlohmann's json does.
template <class T>
concept ConvertsToBytes = std::is_convertible_v<const T&, std::span<const std::byte>> &&
    !std::is_convertible_v<const T&, std::span<const int>>;

/// The same as unsigned char, unless a Codec says how it travels.
template <class T>
concept ConvertsToOctets = std::is_convertible_v<const T&, std::span<const unsigned char>> &&
                           !std::is_convertible_v<const T&, std::span<const int>> &&
                           !Encodable<T>;

/// Needs no Codec to be sent.
template <class T>
concept SentAsIs = std::is_convertible_v<const T&, std::string_view> || ConvertsToBytes<T> ||
    ConvertsToOctets<T> || std::same_as<T, Payload>;

template <class T>
concept SentByCodec = Encodable<T> || !SentAsIs<T>;
}  // namespace detail

}  // namespace steady
