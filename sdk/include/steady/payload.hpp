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
/// An array of JSON texts, in this order; a single one stays as it is, unless it is an array
/// itself.
Payload join_texts(std::span<const Payload* const> texts);
}  // namespace detail

/// One message on its way out. It owns its bytes, or holds a handle to bytes that stay where they
/// were born (a JavaScript string, say), which only the platform's Transport can send.
class Payload {
 public:
  /// An empty text.
  Payload() = default;

  /// Gives back what a handle stands for. Called exactly once, when the payload is destroyed.
  using Release = void (*)(std::uint32_t handle);

  /// A text message, copied. UTF-8.
  static Payload text(std::string_view data) { return {MessageKind::text, std::string(data)}; }

  /// A text that is JSON, which may travel in a batch: see BatchOptions. That it is valid is for
  /// the caller to see to; otherwise it spoils the batch.
  static Payload json(std::string text) {
    Payload payload{MessageKind::text, std::move(text)};
    payload.is_json_ = true;
    payload.join_ = detail::join_texts;
    return payload;
  }

  /// A binary message, copied.
  static Payload binary(std::span<const std::byte> data) {
    return {MessageKind::binary,
            std::string(reinterpret_cast<const char*>(data.data()), data.size())};
  }

  /// `size` is what the message takes on the wire, in bytes; `release` may be null.
  static Payload external(MessageKind kind, std::uint32_t handle, std::size_t size,
                          Release release) {
    Payload payload{kind, {}};
    payload.external_ = true;
    payload.handle_ = handle;
    payload.size_ = size;
    payload.release_ = release;
    return payload;
  }

  /// The same for a text that is JSON.
  static Payload external_json(std::uint32_t handle, std::size_t size, Release release) {
    Payload payload = external(MessageKind::text, handle, size, release);
    payload.is_json_ = true;
    return payload;
  }

  /// Leaves an empty one behind.
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

  /// Leaves an empty one behind.
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

  /// Whether it goes as text or as bytes.
  MessageKind kind() const { return kind_; }
  /// True if it was made as JSON.
  bool is_json() const { return is_json_; }
  /// Bytes on the wire.
  std::size_t size() const { return size_; }
  /// True if the bytes are elsewhere, behind handle().
  bool is_external() const { return external_; }
  /// What the platform knows an external one by; 0 for others.
  std::uint32_t handle() const { return handle_; }
  /// What joins texts that are JSON and not elsewhere. A pointer, so that a program which has none
  /// does not carry the code of it.
  Payload (*join() const)(std::span<const Payload* const>) { return join_; }
  /// The bytes; empty if they are elsewhere, or were not kept.
  std::string_view data() const { return is_borrowed_ ? borrowed_ : data_; }

  /// Views bytes that somebody else owns, for the time of a call: see keep(). For transports' tests
  /// and the Socket itself.
  static Payload borrowed(MessageKind kind, std::string_view data) {
    Payload payload{kind, {}};
    payload.size_ = data.size();
    payload.is_borrowed_ = true;
    payload.borrowed_ = data;
    return payload;
  }
  /// Copies what is borrowed.
  void keep() {
    if (is_borrowed_) data_ = borrowed_;
    is_borrowed_ = false;
  }
  /// Forgets what is borrowed, but for its size.
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
