#include "round.hpp"

#include <string>

namespace game {

bool from_json(const steady::json& j, Round& round) {
  std::string phase;
  if (!steady::read(j, "phase", phase) || (phase != "play" && phase != "end")) return false;
  round.is_over = phase == "end";
  return steady::read(j, "n", round.number) && steady::read(j, "until", round.until) &&
         steady::read(j, "target", round.target);
}

}  // namespace game
