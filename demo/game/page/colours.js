// The colours of players, by number; bright on the dark floor. client/sdl/colours.hpp has the same.
export const colours = [
  "#ff7a45",
  "#4dabf7",
  "#51cf66",
  "#da77f2",
  "#ff6b9d",
  "#22d3ee",
  "#ffd43b",
  "#9775fa",
  "#ff5c5c",
  "#a9e34b",
  "#ced4da",
  "#20e3b2",
];

export function colourOf(number) {
  return colours[number % colours.length];
}
