#pragma once

#include <cstdint>
#include <span>

#include "steady/cpp20.hpp"

namespace steady {

/// Action after a connection or an attempt has ended.
enum class CloseAction : std::uint8_t {
  fatal,    ///< No retry: the socket is closed.
  retry,    ///< A retry after the delay that ReconnectOptions describes.
  at_once,  ///< A retry without delay if the connection was stable, otherwise as `retry`: keeps the
            ///< backoff against a server that accepts connections and drops them.
  later,    ///< A retry after a delay from ReconnectOptions::later_min to later_max.
};

/// Assigns an action to the close codes from `first` to `last`.
struct CloseRule {
  /// First close code. From 0 to 65535.
  std::uint16_t first = 0;
  /// Last close code, inclusive. Not below `first`.
  std::uint16_t last = 0;
  /// Action for these codes.
  CloseAction action = CloseAction::retry;
};

// clang-format off
/// Returns the rules for close codes that no rule of ReconnectOptions::rules matches. The first
/// rule that matches applies; a code without a rule is retried. With Options::provider or
/// Options::greet, 1008, 3000, 3003, 4401 and 4403 are retried once before they are fatal: another
/// attempt gets fresh answers. Counted anew after a stable connection.
///
/// | codes                 | action | source                                                      |
/// | --------------------- | ------ | ----------------------------------------------------------- |
/// | 1002, 1003, 1007-1010 | fatal  | RFC 6455 7.4.1: the server objects to this client's data.   |
/// | 1012, 1013            | later  | IANA registry: service restart, try again later. For 1012,  |
/// |                       |        | it asks for a random delay of 5 to 30 s.                    |
/// | 3000, 3003            | fatal  | IANA registry: unauthorized, forbidden.                     |
/// | 4000-4999             | fatal  | RFC 6455 7.4.2, private use: decided by the application.    |
/// | others                | retry  | 1000 and 1001 end a connection, not the service; 1005 and   |
/// |                       |        | 1006 give no reason; 1011, 1014 and 1015 are temporary      |
/// |                       |        | errors of the server or the network.                        |
std::span<const CloseRule> default_close_rules();
// clang-format on

}  // namespace steady
