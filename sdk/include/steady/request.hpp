#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "steady/codec.hpp"
#include "steady/drop_reason.hpp"
#include "steady/error.hpp"
#include "steady/message.hpp"

namespace steady {

/// Members of JSON messages that match replies to requests. Each is the name of a member, or, apart
/// from `error_member`, a JSON Pointer: see Options::type_member.
struct RequestNames {
  /// Member with the id of a request: a string, which Socket::request generates. Not empty.
  /// Default: "id".
  std::string id_member = "id";
  /// Member of a reply with the id of its request. Empty, the default, means id_member.
  std::string reply_member = {};
  /// A reply that has this member, and not as null, means that the request has failed. Not empty.
  /// Default: "error".
  std::string error_member = "error";
};

/// Options of one request.
struct RequestOptions {
  /// Time limit of the reply, including time without a connection. From 0 to one day. Default: 10
  /// s.
  std::chrono::milliseconds timeout{10'000};
  /// Sends the request again, first on the next connection and with the same id, if its connection
  /// ends before the reply: the server may receive it twice. Default: false.
  bool repeat = false;
};

/// Result of a request.
enum class RequestStatus : std::uint8_t {
  answered,    ///< The reply has arrived.
  failed,      ///< The reply has arrived, and has RequestNames::error_member.
  timed_out,   ///< No reply within RequestOptions::timeout.
  unanswered,  ///< The connection ended before the reply. The server may have received the request.
  dropped,     ///< The request was not sent: see Reply::reason.
};

/// Returns the enumerator's name, such as "timed_out".
const char* to_string(RequestStatus status);

/// The reply to a request, or the reason why there is none. Valid while the handler runs. Converts
/// to true if the request was answered.
struct Reply {
  /// Result of the request.
  RequestStatus status = RequestStatus::answered;
  /// Reason of RequestStatus::dropped; DropReason::none otherwise.
  DropReason reason = DropReason::none;
  /// Description for logs. With RequestStatus::failed, the server's: the error member if it is a
  /// string, or its member `message`, or "failed". Empty if the request was answered.
  std::string_view error = {};
  /// The reply, with RequestStatus::answered and failed. It is dispatched to the handlers of its
  /// type as well. `type` is empty.
  Message message = {};

  /// True if the request was answered.
  explicit operator bool() const { return status == RequestStatus::answered; }

  /// Decodes the reply with the Codec of T. Returns false, and does not change `value`, if there is
  /// no reply or if it cannot be decoded.
  template <Decodable T>
  [[nodiscard]] bool read(T& value) const {
    if (status > RequestStatus::failed) return false;
    T decoded{};
    if (Codec<T>::decode(message, decoded)) return false;
    value = std::move(decoded);
    return true;
  }
};

}  // namespace steady
