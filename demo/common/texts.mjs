// Cleans text written by users for display to others.

/**
 * Control characters and characters that Unicode defines as invisible, except joiners and variation
 * selectors, which are needed by writing systems and emoji, and flag tags.
 */
const hidden =
  /(?![\n\t]|\p{Join_Control}|\p{Variation_Selector}|[\u{e0020}-\u{e007f}])[\p{Cc}\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]/gu;
/** A visible character: no space, no blank Braille pattern, and none of the above. */
const seen = /[^\s\u2800\p{C}\p{Default_Ignorable_Code_Point}]/u;

/**
 * Removes invisible characters and those that change the direction of the surrounding line, and
 * trims. Returns undefined if nothing or too much remains.
 * @param {string} text
 * @param {number} maxLength In UTF-16 code units.
 */
export function cleanText(text, maxLength) {
  // Far too long strings are not processed at all.
  if (text.length > 2 * maxLength || !isWhole(text)) return undefined;
  const clean = text
    .replace(/\r\n?|[\x85\u2028\u2029]/g, "\n")
    .replace(hidden, "")
    .trim();
  return seen.test(clean) && clean.length <= maxLength ? clean : undefined;
}

/** An unpaired surrogate, such as half of an emoji, has no meaning and no UTF-8 form. */
export function isWhole(text) {
  return !/\p{Cs}/u.test(text);
}
