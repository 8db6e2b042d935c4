#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "steady/message.hpp"

namespace steady {

class Payload;

namespace detail {
/// Joins JSON payloads into one payload: an array of them, in this order. A single payload is
/// returned unchanged, unless it is an array itself.
Payload join_texts(std::span<const Payload* const> texts);
}  // namespace detail

/// One outgoing message. Owns its bytes, or holds a handle to data outside of the program's memory
/// (such as a JavaScript string), which only the platform's Transport can send.
class Payload {
 public:
  /// An empty text message.
  Payload() = default;

  /// Releases the data behind a handle. Called exactly once, when the payload is destroyed.
  using Release = void (*)(std::uint32_t handle);

  /// Returns a text message with a copy of `data`, which must be UTF-8.
  static Payload text(std::string_view data) { return {MessageKind::text, std::string(data)}; }

  /// Returns a text message that may be sent in a batch: see BatchOptions. `text` must be valid
  /// JSON, which is not checked; invalid JSON makes the whole batch invalid.
  static Payload json(std::string text) {
    Payload payload{MessageKind::text, std::move(text)};
    payload.is_json_ = true;
    payload.join_ = detail::join_texts;
    return payload;
  }

  /// Returns a binary message with a copy of `data`.
  static Payload binary(std::span<const std::byte> data) {
    return {MessageKind::binary,
            std::string(reinterpret_cast<const char*>(data.data()), data.size())};
  }

  /// Returns a message whose data is behind `handle`. `size` is its size on the wire, in bytes;
  /// `release` may be null.
  static Payload external(MessageKind kind, std::uint32_t handle, std::size_t size,
                          Release release) {
    Payload payload{kind, {}};
    payload.external_ = true;
    payload.handle_ = handle;
    payload.size_ = size;
    payload.release_ = release;
    return payload;
  }

  /// Returns a text message that is JSON and whose data is behind `handle`: see json().
  static Payload external_json(std::uint32_t handle, std::size_t size, Release release) {
    Payload payload = external(MessageKind::text, handle, size, release);
    payload.is_json_ = true;
    return payload;
  }

  /// `other` is empty afterwards.
  Payload(Payload&& other) noexcept
      : kind_(other.kind_),
        is_json_(other.is_json_),
        external_(other.external_),
        handle_(other.handle_),
        size_(other.size_),
        release_(std::exchange(other.release_, nullptr)),
        join_(other.join_),
        is_borrowed_(other.is_borrowed_),
        borrowed_(other.borrowed_),
        data_(std::move(other.data_)) {}

  /// `other` is empty afterwards.
  Payload& operator=(Payload&& other) noexcept {
    if (this != &other) {
      drop_handle();
      kind_ = other.kind_;
      is_json_ = other.is_json_;
      external_ = other.external_;
      handle_ = other.handle_;
      size_ = other.size_;
      release_ = std::exchange(other.release_, nullptr);
      join_ = other.join_;
      is_borrowed_ = other.is_borrowed_;
      borrowed_ = other.borrowed_;
      data_ = std::move(other.data_);
    }
    return *this;
  }

  Payload(const Payload&) = delete;
  Payload& operator=(const Payload&) = delete;
  ~Payload() { drop_handle(); }

  /// Text or binary.
  MessageKind kind() const { return kind_; }
  /// True if it was created by json() or external_json().
  bool is_json() const { return is_json_; }
  /// Returns the size on the wire, in bytes.
  std::size_t size() const { return size_; }
  /// True if the data is behind handle().
  bool is_external() const { return external_; }
  /// Returns the platform's handle of an external payload; 0 for other payloads.
  std::uint32_t handle() const { return handle_; }
  /// Returns the function that joins payloads created by json(). A pointer, so that programs
  /// without such payloads do not link the function.
  Payload (*join() const)(std::span<const Payload* const>) { return join_; }
  /// Returns the bytes. Empty if the payload is external, or if its data was not kept.
  std::string_view data() const { return is_borrowed_ ? borrowed_ : data_; }

  /// Returns a payload that views `data`, which must stay valid until keep(), forget() or the end
  /// of the call. For the Socket and for tests of transports.
  static Payload borrowed(MessageKind kind, std::string_view data) {
    Payload payload{kind, {}};
    payload.size_ = data.size();
    payload.is_borrowed_ = true;
    payload.borrowed_ = data;
    return payload;
  }
  /// Copies borrowed data.
  void keep() {
    if (is_borrowed_) data_ = borrowed_;
    is_borrowed_ = false;
  }
  /// Drops borrowed data, but not its size.
  void forget() {
    if (is_borrowed_) borrowed_ = {};
  }

 private:
  Payload(MessageKind kind, std::string data)
      : kind_(kind), size_(data.size()), data_(std::move(data)) {}

  void drop_handle() {
    if (release_ != nullptr) std::exchange(release_, nullptr)(handle_);
  }

  MessageKind kind_ = MessageKind::text;
  bool is_json_ = false;
  bool external_ = false;
  std::uint32_t handle_ = 0;
  std::size_t size_ = 0;
  Release release_ = nullptr;
  Payload (*join_)(std::span<const Payload* const>) = nullptr;
  bool is_borrowed_ = false;
  std::string_view borrowed_;
  std::string data_;
};

}  // namespace steady
