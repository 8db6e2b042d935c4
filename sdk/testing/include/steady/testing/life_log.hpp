#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "steady/runtime.hpp"

namespace steady::testing {

/// Everything that went into the kernel of one Socket, and everything that it decided. Since the
/// kernel has no clock and no randomness of its own, replay() repeats the Socket's whole life. It
/// has numbers only: no payload, no URL and no other string of the user.
class LifeLog {
 public:
  /// An empty one.
  LifeLog();
  /// Leaves an empty one behind.
  LifeLog(LifeLog&&) noexcept;
  /// The same.
  LifeLog& operator=(LifeLog&&) noexcept;
  ~LifeLog();

  /// Inputs that were recorded.
  std::size_t inputs() const;

  /// The log as text, a line each: `settings` and `rule`; `input` with its kind, its numbers,
  /// whether it came while commands were carried out, and the Moment; `result` with the return
  /// value and the next deadline; `command`. The kinds are those of sdk/kernel/inputs.hpp and
  /// commands.hpp.
  std::string text() const;
  /// Reads text(). Nothing if it is something else.
  static std::optional<LifeLog> parse(const std::string& text);
  /// Writes text() to a file. False if that fails.
  bool write(const std::string& path) const;
  /// Reads what write() has written.
  static std::optional<LifeLog> read(const std::string& path);

  /// Gives the same inputs to a new kernel. Returns the inputs to which it reacts differently, as
  /// their numbers from 0: an empty string if there are none.
  std::string replay() const;

 private:
  friend class RecordingRuntime;
  class Recorder;

  std::unique_ptr<Recorder> recorder_;
};

}  // namespace steady::testing
