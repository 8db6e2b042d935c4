// The colours of players, by number. Their lightness is visible in both themes.
export const colours = [
  "#d9480f",
  "#1c7ed6",
  "#2b8a3e",
  "#ae3ec9",
  "#c2255c",
  "#0b8599",
  "#a07800",
  "#5f3dc4",
  "#e03131",
  "#4c8c00",
  "#868e96",
  "#0ca678",
];

export function colourOf(number) {
  return colours[number % colours.length];
}
