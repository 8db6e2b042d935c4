// Names of users: equality, and proposals for names in use.

/** The maximum length of a name, in UTF-16 code units. */
export const nameLength = 32;

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/**
 * Returns the form in which names are compared: names that look alike are equal, regardless of
 * case, width, spaces and invisible characters.
 * @param {string} name
 * @returns {string}
 */
export function comparable(name) {
  const visible = name.normalize("NFKC").replaceAll(/\p{Default_Ignorable_Code_Point}/gu, "");
  // Conversion through upper case is the closest to case folding: "ß", "ss" and "SS" are equal.
  const folded = visible.toLowerCase().toUpperCase().toLowerCase().normalize("NFKC");
  return folded.replaceAll(/\s+/gu, " ").trim();
}

/**
 * Returns a similar name that is free: "Ann 2", "Ann 3", ...
 * @param {string} name
 * @param {(name: string) => boolean} isTaken
 * @param {number} maxLength In UTF-16 code units, as the length of a string is. No character is
 *   split.
 * @returns {string}
 */
export function suggest(name, isTaken, maxLength) {
  const stem = name.replace(/\s+\d+$/u, "");
  for (let number = 2; ; number++) {
    const room = maxLength - ` ${number}`.length;
    const suggestion = `${cut(stem, room)} ${number}`.trim();
    if (!isTaken(suggestion)) return suggestion;
  }
}

function cut(text, maxLength) {
  if (text.length <= maxLength) return text.trimEnd();
  let length = 0;
  for (const { index, segment } of graphemes.segment(text)) {
    if (index + segment.length > maxLength) break;
    length = index + segment.length;
  }
  return text.slice(0, length).trimEnd();
}
