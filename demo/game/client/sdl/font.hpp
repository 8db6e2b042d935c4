#pragma once

// Text without a font library: capital letters, digits and some punctuation, of 5 by 7 squares.
// Other characters are blank.

#include <SDL.h>

#include <string_view>

namespace game {

/// In pixels; `size` is the width of a square.
int text_width(std::string_view text, int size);

/// Draws in the present colour, with the upper left corner at this position.
void draw_text(SDL_Renderer& renderer, std::string_view text, int x, int y, int size);

}  // namespace game
