#include "sdl/window.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <vector>

#include "sdl/colours.hpp"
#include "sdl/font.hpp"

namespace game {

namespace {

/// Pixels above the arena, for the round and the network.
constexpr float top = 60;
constexpr int disc_size = 128;

SDL_Color colour_of(const PlayerState& player) {
  SDL_Color colour = colours::players[player.colour % colours::players.size()];
  if (player.is_away) colour.a = 90;
  return colour;
}

/// `printf` into a string.
template <class... Values>
std::string format(const char* pattern, Values... values) {
  std::array<char, 160> text{};
  std::snprintf(text.data(), text.size(), pattern, values...);
  return text.data();
}

std::vector<PlayerState> by_score(const Scene& scene) {
  std::vector<PlayerState> players(scene.players.begin(), scene.players.end());
  std::stable_sort(players.begin(), players.end(),
                   [](const PlayerState& a, const PlayerState& b) { return a.score > b.score; });
  return players;
}

}  // namespace

Window::Window(int width, int height)
    : window_(SDL_CreateWindow("steadysocket arena", SDL_WINDOWPOS_CENTERED, SDL_WINDOWPOS_CENTERED,
                               width, height, SDL_WINDOW_RESIZABLE)) {
  if (window_ == nullptr) return;
  renderer_.reset(SDL_CreateRenderer(window_.get(), -1, SDL_RENDERER_PRESENTVSYNC));
  // Without a graphics card, or without a screen.
  if (renderer_ == nullptr) {
    renderer_.reset(SDL_CreateRenderer(window_.get(), -1, SDL_RENDERER_SOFTWARE));
  }
  if (renderer_ == nullptr) return;
  SDL_SetHint(SDL_HINT_RENDER_SCALE_QUALITY, "linear");
  SDL_SetRenderDrawBlendMode(renderer_.get(), SDL_BLENDMODE_BLEND);
  const std::unique_ptr<SDL_Surface, Closer> surface(
      SDL_CreateRGBSurfaceWithFormat(0, disc_size, disc_size, 32, SDL_PIXELFORMAT_RGBA32));
  if (surface == nullptr) return;
  constexpr float centre = (disc_size - 1) / 2.0F;
  for (int y = 0; y < disc_size; ++y) {
    auto* const row = static_cast<Uint8*>(surface->pixels) + y * surface->pitch;
    for (int x = 0; x < disc_size; ++x) {
      const float far = std::hypot(static_cast<float>(x) - centre, static_cast<float>(y) - centre);
      // The edge is smooth over two pixels.
      const float cover = std::clamp((centre - far) / 2, 0.0F, 1.0F);
      std::fill_n(row + 4 * x, 3, Uint8{255});
      row[4 * x + 3] = static_cast<Uint8>(255 * cover);
    }
  }
  disc_.reset(SDL_CreateTextureFromSurface(renderer_.get(), surface.get()));
  if (disc_ != nullptr) SDL_SetTextureBlendMode(disc_.get(), SDL_BLENDMODE_BLEND);
}

void Window::draw(const Scene& scene, const Client& client, const NetworkState& network) {
  set_colour(colours::outside);
  SDL_RenderClear(renderer_.get());
  const View view = this->view();
  draw_floor(view);
  draw_dots(view, scene);
  draw_players(view, scene);
  draw_scores(scene);
  draw_round(scene, client);
  draw_network(network);
  const std::string title = format("steadysocket arena - %.*s",
                                   static_cast<int>(network.state.size()), network.state.data());
  if (title != title_) SDL_SetWindowTitle(window_.get(), title.c_str());
  title_ = title;
}

bool Window::save(const std::string& file) const {
  int width = 0;
  int height = 0;
  SDL_GetRendererOutputSize(renderer_.get(), &width, &height);
  const std::unique_ptr<SDL_Surface, Closer> surface(
      SDL_CreateRGBSurfaceWithFormat(0, width, height, 24, SDL_PIXELFORMAT_BGR24));
  return surface != nullptr &&
         SDL_RenderReadPixels(renderer_.get(), nullptr, SDL_PIXELFORMAT_BGR24, surface->pixels,
                              surface->pitch) == 0 &&
         SDL_SaveBMP(surface.get(), file.c_str()) == 0;
}

Window::View Window::view() const {
  int width = 0;
  int height = 0;
  SDL_GetRendererOutputSize(renderer_.get(), &width, &height);
  const float wide = static_cast<float>(width);
  const float high = std::max(1.0F, static_cast<float>(height) - top);
  const float scale = std::min(wide / arena::width, high / arena::height);
  return {scale, (wide - arena::width * scale) / 2, top + (high - arena::height * scale) / 2};
}

void Window::set_colour(SDL_Color colour) {
  SDL_SetRenderDrawColor(renderer_.get(), colour.r, colour.g, colour.b, colour.a);
}

void Window::fill(float x, float y, float width, float height, SDL_Color colour) {
  set_colour(colour);
  const SDL_FRect rect{x, y, width, height};
  SDL_RenderFillRectF(renderer_.get(), &rect);
}

void Window::draw_floor(const View& view) {
  const float width = arena::width * view.scale;
  const float height = arena::height * view.scale;
  fill(view.x, view.y, width, height, colours::floor);
  for (float x = 100; x < arena::width; x += 100) {
    fill(view.x + x * view.scale, view.y, 1, height, colours::line);
  }
  for (float y = 100; y < arena::height; y += 100) {
    fill(view.x, view.y + y * view.scale, width, 1, colours::line);
  }
  for (const float x : {view.x, view.x + width - 3}) fill(x, view.y, 3, height, colours::wall);
  for (const float y : {view.y, view.y + height - 3}) fill(view.x, y, width, 3, colours::wall);
}

void Window::draw_disc(const View& view, Point at, float radius, SDL_Color colour) {
  SDL_SetTextureColorMod(disc_.get(), colour.r, colour.g, colour.b);
  SDL_SetTextureAlphaMod(disc_.get(), colour.a);
  const float size = 2 * radius * view.scale;
  const SDL_FRect place{view.x + (at.x - radius) * view.scale,
                        view.y + (at.y - radius) * view.scale, size, size};
  SDL_RenderCopyF(renderer_.get(), disc_.get(), nullptr, &place);
}

void Window::draw_dots(const View& view, const Scene& scene) {
  for (std::size_t i = 0; i < scene.dots.size(); ++i) {
    const bool is_bonus = i >= static_cast<std::size_t>(arena::first_bonus);
    SDL_Color glow = is_bonus ? colours::bonus : colours::dot;
    glow.a = 50;
    draw_disc(view, scene.dots[i], arena::dot_radius * (is_bonus ? 3.0F : 2.0F), glow);
    glow.a = 255;
    draw_disc(view, scene.dots[i], arena::dot_radius * (is_bonus ? 1.5F : 1.0F), glow);
  }
}

void Window::draw_players(const View& view, const Scene& scene) {
  for (const PlayerState& player : scene.players) {
    SDL_Color glow = colour_of(player);
    if (player.id == scene.me) {
      // The server's position, which is behind the predicted one.
      SDL_Color ghost = colours::ink;
      ghost.a = 70;
      if (scene.confirmed) draw_disc(view, *scene.confirmed, arena::radius, ghost);
      draw_disc(view, player.at, arena::radius + 5, colours::ink);
    }
    glow.a = static_cast<Uint8>(glow.a / 4);
    draw_disc(view, player.at, arena::radius * 1.8F, glow);
    draw_disc(view, player.at, arena::radius, colour_of(player));
  }
}

void Window::draw_scores(const Scene& scene) {
  constexpr std::size_t most = 8;
  const std::vector<PlayerState> players = by_score(scene);
  const View unscaled;
  for (std::size_t i = 0; i < std::min(most, players.size()); ++i) {
    const int y = static_cast<int>(top) + 14 + static_cast<int>(i) * 24;
    const Point disc{24, static_cast<float>(y + 7)};
    if (players[i].id == scene.me) draw_disc(unscaled, disc, 10, colours::ink);
    draw_disc(unscaled, disc, 8, colour_of(players[i]));
    set_colour(colours::ink);
    draw_text(*renderer_, std::to_string(players[i].score), 42, y, 2);
  }
}

void Window::draw_round(const Scene& scene, const Client& client) {
  const auto& round = client.round();
  if (!round) return;
  const double left = client.remaining().value_or(0);
  const int seconds = static_cast<int>(std::ceil(left / 1000));
  if (!round->is_over) {
    centre(format("%d:%02d", seconds / 60, seconds % 60), 8, 3, colours::ink);
    centre(format("first to %u points, or most when time is up", round->target), 38, 2,
           colours::faint);
    return;
  }
  const std::vector<PlayerState> players = by_score(scene);
  const bool has_winner = !players.empty() && players[0].score > 0;
  const bool is_draw = has_winner && players.size() > 1 && players[1].score == players[0].score;
  centre("round over", 8, 2, colours::faint);
  if (is_draw) {
    centre("a draw", 120, 5, colours::ink);
  } else if (has_winner) {
    const bool is_mine = players[0].id == scene.me;
    centre(is_mine ? "you win!" : "the winner has", 120, 5, colour_of(players[0]));
    centre(format("%u points", players[0].score), 170, 4, colour_of(players[0]));
  }
  centre(format("next round in %d", seconds), 220, 2, colours::ink);
}

void Window::draw_network(const NetworkState& network) {
  std::string text(network.state);
  if (network.is_open && network.round_trip >= 0) text += format(" %.0f ms", network.round_trip);
  if (network.retry_in >= 0) text += format(", next attempt in %.1f s", network.retry_in / 1000);
  set_colour(network.is_open ? colours::good : colours::warning);
  draw_text(*renderer_, text, 12, 14, 2);
  int width = 0;
  SDL_GetRendererOutputSize(renderer_.get(), &width, nullptr);
  const std::string count = format("connections: %u", network.connections);
  set_colour(colours::faint);
  draw_text(*renderer_, count, width - 12 - text_width(count, 2), 14, 2);
}

void Window::centre(std::string_view text, int y, int size, SDL_Color colour) {
  int width = 0;
  SDL_GetRendererOutputSize(renderer_.get(), &width, nullptr);
  set_colour(colour);
  draw_text(*renderer_, text, (width - text_width(text, size)) / 2, y, size);
}

}  // namespace game
