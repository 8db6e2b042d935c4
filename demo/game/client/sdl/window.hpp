#pragma once

#include <SDL.h>

#include <memory>
#include <string>
#include <string_view>

#include "client.hpp"

namespace game {

/// The state of the connection to show.
struct NetworkState {
  std::string_view state;
  bool is_open = false;
  /// Milliseconds of the last round trip, and until the next attempt; negative if unknown.
  double round_trip = -1;
  double retry_in = -1;
  std::uint32_t connections = 0;
};

/// A window of SDL that shows the arena. SDL must be initialized while it exists.
class Window {
 public:
  /// A window of this size in pixels. Check is_open() afterwards.
  Window(int width, int height);

  /// False if SDL could not open it: see SDL_GetError().
  bool is_open() const { return renderer_ != nullptr; }

  /// Draws a frame, which show() makes visible.
  void draw(const Scene& scene, const Client& client, const NetworkState& network);
  void show() { SDL_RenderPresent(renderer_.get()); }
  /// Writes the drawn frame as a BMP file. Call this before show(), after which its pixels are
  /// undefined. Returns false if it failed: see SDL_GetError().
  bool save(const std::string& file) const;

 private:
  struct Closer {
    void operator()(SDL_Window* window) const { SDL_DestroyWindow(window); }
    void operator()(SDL_Renderer* renderer) const { SDL_DestroyRenderer(renderer); }
    void operator()(SDL_Texture* texture) const { SDL_DestroyTexture(texture); }
    void operator()(SDL_Surface* surface) const { SDL_FreeSurface(surface); }
  };

  /// The arena in the window: as large as possible, below the line with the round.
  struct View {
    float scale = 1;
    float x = 0;
    float y = 0;
  };

  View view() const;
  void set_colour(SDL_Color colour);
  void fill(float x, float y, float width, float height, SDL_Color colour);
  void draw_floor(const View& view);
  void draw_disc(const View& view, Point at, float radius, SDL_Color colour);
  void draw_dots(const View& view, const Scene& scene);
  void draw_players(const View& view, const Scene& scene);
  void draw_scores(const Scene& scene);
  void draw_round(const Scene& scene, const Client& client);
  void draw_network(const NetworkState& network);
  void centre(std::string_view text, int y, int size, SDL_Color colour);

  std::unique_ptr<SDL_Window, Closer> window_;
  std::unique_ptr<SDL_Renderer, Closer> renderer_;
  /// A white disc, which is drawn in all sizes and colours.
  std::unique_ptr<SDL_Texture, Closer> disc_;
  std::string title_;
};

}  // namespace game
