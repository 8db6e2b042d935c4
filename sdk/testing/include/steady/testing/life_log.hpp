#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "steady/runtime.hpp"

namespace steady::testing {

/// A log of all inputs and outputs of one Socket's kernel. The kernel has no clock and no random
/// numbers of its own, so replay() reproduces all of its decisions. The log contains numbers only:
/// no payloads, no URLs and no other strings of the user.
class LifeLog {
 public:
  /// An empty log.
  LifeLog();
  /// The moved-from log can only be destroyed or assigned to.
  LifeLog(LifeLog&&) noexcept;
  /// The moved-from log can only be destroyed or assigned to.
  LifeLog& operator=(LifeLog&&) noexcept;
  ~LifeLog();

  /// Returns the number of recorded inputs.
  std::size_t inputs() const;

  /// Returns the log as lines of text: `settings` and `rule`; `input` with its kind, its numbers, 1
  /// if commands were being carried out, and the Moment; `command`; `result` with the return value
  /// and the next deadline. The kinds are those of sdk/kernel/inputs.hpp and commands.hpp.
  std::string text() const;
  /// Parses the result of text(). Returns no value if `text` is malformed.
  static std::optional<LifeLog> parse(const std::string& text);
  /// Writes text() to a file. Returns false if that fails.
  bool write(const std::string& path) const;
  /// Reads a file from write(). Returns no value if it cannot be read or is malformed.
  static std::optional<LifeLog> read(const std::string& path);

  /// Gives the recorded inputs to a new kernel. Returns the indices, from 0 and separated by
  /// spaces, of the inputs with different results; an empty string if all are equal.
  std::string replay() const;

 private:
  friend class RecordingRuntime;
  class Recorder;

  std::unique_ptr<Recorder> recorder_;
};

}  // namespace steady::testing
