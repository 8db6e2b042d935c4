#include "session_frames.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <utility>

namespace steady::detail {

namespace {

using kernel::Input;
using kernel::InputKind;

constexpr std::string_view subprotocol_alone = "steady.1";
constexpr std::string_view subprotocol_suffix = "+steady.1";
constexpr std::size_t longest_frame = 256;
constexpr std::size_t longest_name = 64;
/// 2^53 - 1.
constexpr double largest_number = 9'007'199'254'740'991;
/// The version of the protocol.
constexpr std::string_view version = "1";

std::string text_of(double number) { return std::to_string(static_cast<std::int64_t>(number)); }

/// 128 random bits in base64url (RFC 4648 5), without padding.
std::string new_id(Runtime& runtime) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::array<std::byte, 16> bytes{};
  runtime.random_bytes(bytes);
  std::string id;
  std::uint32_t bits = 0;
  int count = 0;
  for (const std::byte byte : bytes) {
    bits = (bits << 8U) | static_cast<std::uint32_t>(byte);
    for (count += 8; count >= 6; count -= 6) {
      id += digits[(bits >> static_cast<unsigned>(count - 6)) & 63U];
    }
  }
  return id + digits[(bits << static_cast<unsigned>(6 - count)) & 63U];
}

/// Reads the fields of a control frame.
class Fields {
 public:
  /// `text` is what follows the letter.
  explicit Fields(std::string_view text) : rest_(text) {}

  /// False if there is no further field.
  bool next(std::string_view& field) {
    if (rest_.empty() || rest_.front() != ' ') return false;
    rest_.remove_prefix(1);
    field = rest_.substr(0, rest_.find(' '));
    rest_.remove_prefix(field.size());
    return true;
  }

  bool number(double& number) {
    std::string_view field;
    if (!next(field) || field.empty() || field.size() > 16) return false;
    if (field.size() > 1 && field.front() == '0') return false;
    double value = 0;
    for (const char c : field) {
      if (c < '0' || c > '9') return false;
      value = value * 10 + (c - '0');
    }
    number = value;
    return value <= largest_number;
  }

  /// A life or an epoch.
  bool name(std::string& name) {
    std::string_view field;
    if (!next(field) || field.empty() || field.size() > longest_name) return false;
    const bool is_valid = std::all_of(field.begin(), field.end(), [](char c) {
      return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
             c == '.' || c == '_' || c == '-';
    });
    if (is_valid) name = field;
    return is_valid;
  }

  /// There is nothing, or further fields.
  bool is_at_end() const { return rest_.empty(); }
  bool is_well_separated() const { return rest_.empty() || rest_.front() == ' '; }

 private:
  std::string_view rest_;
};

}  // namespace

std::vector<std::string> with_session(std::vector<std::string> subprotocols) {
  const std::size_t count = subprotocols.size();
  if (count == 0) subprotocols.emplace_back(subprotocol_alone);
  for (std::size_t i = 0; i < count; ++i) {
    subprotocols.push_back(subprotocols[i] + std::string(subprotocol_suffix));
  }
  return subprotocols;
}

bool has_session(std::string_view subprotocol) {
  return subprotocol == subprotocol_alone || subprotocol.ends_with(subprotocol_suffix);
}

std::string_view without_session(std::string_view subprotocol) {
  if (subprotocol == subprotocol_alone) return {};
  if (has_session(subprotocol)) subprotocol.remove_suffix(subprotocol_suffix.size());
  return subprotocol;
}

// --- Sending. ---

std::string SessionFrames::hello(double generation, double received, bool is_new,
                                 Runtime& runtime) {
  if (is_new) {
    id_ = new_id(runtime);
    epoch_ = life_;
    next_ = 1;
    begin_epoch();
  }
  acknowledged_ = said_ = received;
  return std::string(1, session_mark) + "H " + id_ + ' ' + epoch_ + ' ' + text_of(generation) +
         ' ' + text_of(received);
}

std::string SessionFrames::control(char letter, double b, double c, double clock) {
  std::string frame{session_mark, letter};
  if (letter != 'X') frame += ' ' + text_of(b);
  if (letter == '!') frame += ' ' + text_of(c) + ' ' + text_of(clock);
  if (letter == 'A' || letter == '!') {
    acknowledged_ = received_;
    bytes_ = 0;
  }
  if (letter == '@') next_ = b;
  return frame;
}

// --- Receiving. ---

void SessionFrames::begin_epoch() { taken_ = received_ = acknowledged_ = 0; }

std::optional<Input> SessionFrames::read(std::string_view frame, Generation attempt) {
  Input input{InputKind::control, static_cast<double>(attempt)};
  const bool has_letter = frame.size() > 1 && frame.size() <= longest_frame;
  const char letter = has_letter ? frame[1] : '\0';
  Fields fields(has_letter ? frame.substr(2) : std::string_view());
  bool is_valid = false;
  switch (letter) {
    case 'G': {
      std::string_view of;
      is_valid = fields.next(of) && of == version && fields.name(life_);
      break;
    }
    case 'W': {
      std::string epoch;
      double ttl = 0;
      is_valid = fields.name(epoch) && fields.number(input.d) && fields.number(ttl);
      input.e = -1;
      input.c = epoch == epoch_ ? 1 : 0;
      if (!is_valid || input.c != 0) break;
      if (!fields.is_at_end()) is_valid = fields.number(input.e);
      epoch_ = epoch;
      begin_epoch();
      break;
    }
    case '@': {
      double number = 0;
      is_valid = is_counting_ && fields.number(number) && number > 0;
      if (!is_valid) break;
      expected_ = number;
      return std::nullopt;
    }
    case 'A':
    case '?':
      is_valid = fields.number(input.c);
      break;
    case '!':
      is_valid = fields.number(input.c) && fields.number(input.d) && fields.number(input.e);
      break;
    case 'X':
      is_valid = true;
      break;
    default:
      break;
  }
  if (is_valid && fields.is_well_separated()) input.b = static_cast<double>(letter);
  return input;
}

void SessionFrames::carried_out(const Input& control, bool is_member) {
  const auto letter = static_cast<char>(control.b);
  if (letter == 'X') expected_ = unknown;
  if (letter != 'W' || !is_member) return;
  is_counting_ = true;
  // A server that does not know the session numbers from 1 without announcing it.
  expected_ = control.c != 0 && said_ == 0 ? 1 : unknown;
}

std::optional<double> SessionFrames::take_message() {
  if (!is_counting_) return 0;
  if (expected_ < 0) return std::nullopt;
  if (expected_ > largest_number) return -1;
  const double number = expected_++;
  if (number <= taken_) return std::nullopt;
  taken_before_ = std::exchange(taken_, number);
  return number;
}

void SessionFrames::give_back_message() { taken_ = taken_before_; }

SessionInbound::SessionInbound(Inbound& inbound, InboundBuffer& buffer, std::size_t max_bytes)
    : inbound_(inbound),
      buffer_(buffer),
      most_bytes_(inbound.kind() == MessageKind::text ? 3 * inbound.size() : inbound.size()) {
  // Enough to find the type of most messages.
  constexpr std::size_t beginning = 512;
  buffer_.set_size(0);
  if (inbound.kind() == MessageKind::binary || inbound.read(buffer_, beginning)) return;
  has_begun_ = true;
  const std::string_view begun = buffer_.view();
  if (begun.empty() || begun.front() != session_mark) return;
  is_control_ = begun.size() == 1 || begun[1] != session_mark;
  if (is_control_ || inbound.size() > max_bytes || inbound.read(buffer_, all)) return;
  is_escaped_ = true;
  const std::size_t size = buffer_.size() - 1;
  std::memmove(buffer_.data(), buffer_.data() + 1, size);
  buffer_.set_size(size);
}

Error SessionInbound::read(InboundBuffer& buffer, std::size_t bytes) {
  if (std::exchange(has_begun_, false)) buffer.swap(buffer_);
  Error error;
  if (!is_escaped_ && buffer.size() < bytes) error = inbound_.read(buffer, bytes);
  if (bytes == all && !error) most_bytes_ = buffer.size();
  return error;
}

}  // namespace steady::detail
