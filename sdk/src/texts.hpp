#pragma once

#include <memory>
#include <string>

#include "steady/error.hpp"
#include "texts.gen.hpp"

namespace steady::detail {

/// Strings of errors and close reasons by TextId, including the ones that the kernel's given_*
/// enumerators identify.
struct Texts {
  std::string error;
  /// Of the same error.
  std::shared_ptr<const HandshakeResponse> response;
  std::string failure;
  std::string reason;
  std::string close_frame_reason;
  /// Why a close code has ended the socket.
  std::string verdict;
  /// Of the `ended` that follows.
  std::string session_reason;

  std::string of(kernel::TextId text) const {
    switch (text) {
      case kernel::TextId::given_error:
        return error;
      case kernel::TextId::given_failure:
        return failure;
      case kernel::TextId::given_reason:
        return reason;
      case kernel::TextId::given_farewell:
        return close_frame_reason;
      case kernel::TextId::given_verdict:
        return verdict;
      default:
        return text_of(text);
    }
  }
};

}  // namespace steady::detail
