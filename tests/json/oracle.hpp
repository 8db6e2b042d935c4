#pragma once

#include <string>

struct Verdict {
  /// The verdict of nlohmann/json. For other input the core may return anything, but must return.
  bool is_json = false;
  /// The disagreement, or "". Compares the type that the message is routed by, the type found in
  /// its beginning, and the elements of an array.
  std::string disagreement;
};

/// Reads the input with the core's readers and with nlohmann/json.
Verdict compare(const std::string& text);
