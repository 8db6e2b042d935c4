// Edits of a script that was parsed.

/**
 * Replaces parts of a script. Parts must not overlap.
 * @param {string} code
 * @param {{ start: number, end: number, text: string }[]} edits - In any order.
 */
export function edited(code, edits) {
  let result = "";
  let end = 0;
  for (const edit of edits.toSorted((one, other) => one.start - other.start)) {
    result += code.slice(end, edit.start) + edit.text;
    end = edit.end;
  }
  return result + code.slice(end);
}
