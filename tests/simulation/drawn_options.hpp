#pragma once

#include "steady/options.hpp"
#include "story.hpp"

namespace model {

/// What the texts that are no messages of the user begin with.
inline constexpr const char* first_message = "first";
inline constexpr const char* ping = "ping";
/// What answers it, in half of the lives that have a heartbeat.
inline constexpr const char* pong = "pong";

/// Options with everything that can be drawn. Those that are functions are for the Life to set.
steady::Options draw_options(Random& random);

}  // namespace model
