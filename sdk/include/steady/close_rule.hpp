#pragma once

#include <cstdint>
#include <span>

namespace steady {

/// What follows the end of a connection or of an attempt.
enum class CloseAction : std::uint8_t {
  fatal,    ///< Nothing: the socket is closed.
  retry,    ///< Another attempt, after the delay of ReconnectOptions.
  at_once,  ///< Another attempt without a delay, if the connection was stable; otherwise as retry,
            ///< so that a server which accepts and drops is not hammered.
  later,    ///< Another attempt, after ReconnectOptions::later_min to later_max.
};

/// A row of a table: what follows the close codes from `first` to `last`.
struct CloseRule {
  /// The first close code that it is for.
  std::uint16_t first = 0;
  /// The last one, included.
  std::uint16_t last = 0;
  /// What follows such a close.
  CloseAction action = CloseAction::retry;
};

// clang-format off
/// What holds for codes that no rule of the user's names, and its sources; the first row that has
/// the code decides, and one that no row has is retried.
///
/// | codes                 |       | source                                                            |
/// | --------------------- | ----- | ----------------------------------------------------------------- |
/// | 1002, 1003, 1007-1010 | fatal | RFC 6455 7.4.1: the server judges what this client sends.         |
/// | 1012, 1013            | later | IANA registry: service restart, try again later. The registration |
/// |                       |       | of 1012 asks for a random delay of 5 to 30 s.                     |
/// | 3000, 3003            | fatal | IANA registry: unauthorized, forbidden.                           |
/// | 4000-4999             | fatal | RFC 6455 7.4.2, private use: the application's own word.          |
/// | others                | retry | 1000 and 1001 end a connection, not the service; 1005 and 1006    |
/// |                       |       | say nothing; 1011, 1014 and 1015 are the server's or the          |
/// |                       |       | network's trouble.                                                |
std::span<const CloseRule> default_close_rules();
// clang-format on

}  // namespace steady
