// Names of users: which are the same, and what to propose instead of one that is in use.

/** How long a name is at most, in UTF-16 code units. */
export const nameLength = 32;

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/**
 * The form in which names are compared: what looks alike is the same name, whatever its case, its
 * width, its spaces, and what is invisible in it.
 * @param {string} name
 * @returns {string}
 */
export function comparable(name) {
  const visible = name.normalize("NFKC").replaceAll(/\p{Default_Ignorable_Code_Point}/gu, "");
  // Through upper case is what comes nearest to case folding: "ß", "ss" and "SS" are the same.
  const folded = visible.toLowerCase().toUpperCase().toLowerCase().normalize("NFKC");
  return folded.replaceAll(/\s+/gu, " ").trim();
}

/**
 * A name like this one that is free: "Ann 2", "Ann 3", ...
 * @param {string} name
 * @param {(name: string) => boolean} isTaken
 * @param {number} maxLength In UTF-16 code units, as the length of a string is. No character is cut.
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
