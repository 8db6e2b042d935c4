#pragma once

#include "steady/options.hpp"
#include "story.hpp"

namespace model {

/// Prefixes of messages that the user did not send.
inline constexpr const char* first_message = "first";
inline constexpr const char* ping = "ping";
/// heartbeat.reply, in half of the lives with a heartbeat.
inline constexpr const char* pong = "pong";

/// Random options. The Life sets those that are functions.
steady::Options draw_options(Random& random);

}  // namespace model
