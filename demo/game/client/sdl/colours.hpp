#pragma once

#include <SDL.h>

#include <array>

namespace game::colours {

inline constexpr SDL_Color outside{5, 7, 13, 255};
inline constexpr SDL_Color floor{13, 19, 34, 255};
inline constexpr SDL_Color line{26, 36, 64, 255};
inline constexpr SDL_Color wall{59, 91, 219, 255};
inline constexpr SDL_Color ink{241, 245, 251, 255};
inline constexpr SDL_Color faint{165, 177, 199, 255};
inline constexpr SDL_Color dot{94, 234, 212, 255};
inline constexpr SDL_Color bonus{255, 224, 102, 255};
inline constexpr SDL_Color good{74, 222, 128, 255};
inline constexpr SDL_Color warning{251, 191, 36, 255};

/// The colours of players, by number: those of page/colours.js.
inline constexpr std::array<SDL_Color, 12> players = {{{255, 122, 69, 255},
                                                       {77, 171, 247, 255},
                                                       {81, 207, 102, 255},
                                                       {218, 119, 242, 255},
                                                       {255, 107, 157, 255},
                                                       {34, 211, 238, 255},
                                                       {255, 212, 59, 255},
                                                       {151, 117, 250, 255},
                                                       {255, 92, 92, 255},
                                                       {169, 227, 75, 255},
                                                       {206, 212, 218, 255},
                                                       {32, 227, 178, 255}}};

}  // namespace game::colours
