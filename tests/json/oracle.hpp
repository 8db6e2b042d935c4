#pragma once

#include <string>

struct Verdict {
  /// What nlohmann/json says. Of what is no JSON, the core may say anything, but has to come to an
  /// end.
  bool is_json = false;
  /// What they disagree about, or "": the type that the text is routed by, what a beginning of it
  /// tells of that, and its elements if it is an array.
  std::string disagreement;
};

/// Reads a text as the core does, and as nlohmann/json does.
Verdict compare(const std::string& text);
