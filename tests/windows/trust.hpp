#pragma once

#include <string>

/// Adds a certificate in DER form to the user's store of roots while it exists. Ends the program if
/// that fails.
class TrustedRoot {
 public:
  explicit TrustedRoot(const std::string& file);
  TrustedRoot(const TrustedRoot&) = delete;
  TrustedRoot& operator=(const TrustedRoot&) = delete;
  ~TrustedRoot();

 private:
  const std::string bytes_;
};
