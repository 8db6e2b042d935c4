// Texts that people write: made fit to be shown to others.

/**
 * Control characters, and what Unicode says is not shown by itself: but for joiners and variation
 * selectors, which other writing systems and emoji are made with, and the tags of flags.
 */
const hidden =
  /(?![\n\t]|\p{Join_Control}|\p{Variation_Selector}|[\u{e0020}-\u{e007f}])[\p{Cc}\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]/gu;
/** Something that is seen: no space, no blank pattern of Braille, and nothing of the above. */
const seen = /[^\s\u2800\p{C}\p{Default_Ignorable_Code_Point}]/u;

/**
 * A text without what cannot be seen and what turns the direction of the line around it, trimmed;
 * undefined if nothing or too much is left.
 * @param {string} text
 * @param {number} maxLength In UTF-16 code units.
 */
export function cleanText(text, maxLength) {
  // What is far too long is not read at all.
  if (text.length > 2 * maxLength || !isWhole(text)) return undefined;
  const clean = text
    .replace(/\r\n?|[\x85\u2028\u2029]/g, "\n")
    .replace(hidden, "")
    .trim();
  return seen.test(clean) && clean.length <= maxLength ? clean : undefined;
}

/** Half of an emoji, say, means nothing, and is no UTF-8. */
export function isWhole(text) {
  return !/\p{Cs}/u.test(text);
}
