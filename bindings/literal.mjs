// Bytes as a string literal of JavaScript.

/**
 * Returns a JavaScript string literal with one character per byte. Control characters are included;
 * only characters that a literal must not contain are escaped (ECMA-262 12.9.4). Base64 compresses
 * to 1.3 times the gzip size of the bytes.
 */
export function toLiteral(bytes) {
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  const escapes = { "\0": "\\x00", "\n": "\\n", "\r": "\\r", '"': '\\"', "\\": "\\\\" };
  const literal = text.replaceAll(/[\0\n\r"\\]/g, (character, at) => {
    // The shortest escape, but before a digit it would be another one.
    if (character === "\0" && !/\d/.test(text.charAt(at + 1))) return "\\0";
    return escapes[character];
  });
  return `"${literal}"`;
}
