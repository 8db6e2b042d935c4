#pragma once

#include <string>

#include "texts.gen.hpp"

namespace steady::detail {

/// The texts that the kernel knows by their TextId.
struct Texts {
  std::string error;
  std::string failure;
  std::string reason;
  std::string farewell;

  std::string of(kernel::TextId text) const {
    switch (text) {
      case kernel::TextId::given_error:
        return error;
      case kernel::TextId::given_failure:
        return failure;
      case kernel::TextId::given_reason:
        return reason;
      case kernel::TextId::given_farewell:
        return farewell;
      default:
        return text_of(text);
    }
  }
};

}  // namespace steady::detail
