// Scans JSON (RFC 8259) without parsing it: the counterpart of type_scanner.cpp.

/** Matches a token of a JSON Pointer that may be an array index. */
const arrayIndex = /^(0|[1-9]\d{0,8})$/;

const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** Returns the position of the next character that is not white space. */
function skipSpace(text: string, at: number): number {
  for (;;) {
    const unit = text.charCodeAt(at);
    if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return at;
    ++at;
  }
}

/** Returns the end of the string that begins at `at`, or -1. */
function skipString(text: string, at: number): number {
  if (text.charCodeAt(at) !== quote) return -1;
  for (let end = text.indexOf('"', at + 1); end > 0; end = text.indexOf('"', end + 1)) {
    let escapes = end;
    while (text.charCodeAt(escapes - 1) === backslash) --escapes;
    if ((end - escapes) % 2 === 0) return end + 1;
  }
  return -1;
}

/** Returns the end of the value that begins at `at`, or -1. In containers only matches brackets. */
function skipValue(text: string, at: number): number {
  const first = text.charCodeAt(at);
  if (first === quote) return skipString(text, at);
  const isContainer = first === openBrace || first === openBracket;
  let depth = 0;
  for (let i = at; i < text.length; ++i) {
    const unit = text.charCodeAt(i);
    if (isContainer) {
      if (unit === quote) {
        i = skipString(text, i) - 1;
        if (i < 0) return -1;
      } else if (unit === openBrace || unit === openBracket) {
        ++depth;
      } else if (unit === closeBrace || unit === closeBracket) {
        if (--depth === 0) return i + 1;
      }
    } else if (unit <= 0x20 || unit === comma || unit === closeBrace || unit === closeBracket) {
      return i > at ? i : -1;
    }
  }
  return isContainer || at >= text.length ? -1 : text.length;
}

/** Resolves the escapes of a string; undefined if they are malformed. */
function unescaped(raw: string): string | undefined {
  if (!raw.includes("\\")) return raw;
  try {
    return JSON.parse(`"${raw}"`);
  } catch {
    return undefined;
  }
}

/** Returns the beginning of the value at `token` in an object or array, or -1. */
function enter(text: string, at: number, token: string, mayBeArray: boolean): number {
  const first = text.charCodeAt(at);
  const isArray = first === openBracket && mayBeArray && arrayIndex.test(token);
  if (!isArray && first !== openBrace) return -1;
  for (let index = 0; ; ++index) {
    at = skipSpace(text, at + 1);
    if (isArray) {
      if (index === Number(token)) return at;
    } else {
      const end = skipString(text, at);
      if (end < 0) return -1;
      const isIt = unescaped(text.slice(at + 1, end - 1)) === token;
      at = skipSpace(text, end);
      if (text.charCodeAt(at) !== colon) return -1;
      at = skipSpace(text, at + 1);
      if (isIt) return at;
    }
    at = skipValue(text, at);
    if (at < 0) return -1;
    at = skipSpace(text, at);
    if (text.charCodeAt(at) !== comma) return -1;
  }
}

/**
 * Finds the string by which a message is routed, and reads no further. Of duplicate members it
 * finds the first.
 */
export class TypeScanner {
  readonly #path: readonly string[];
  readonly #isPointer: boolean;
  /** The string that `find` has found, and its position after the opening quote. */
  type = "";
  begin = 0;

  /** `member`: a name, or a JSON Pointer (RFC 6901), which begins with a slash. */
  constructor(member: string) {
    this.#isPointer = member[0] === "/";
    this.#path = this.#isPointer
      ? member
          .slice(1)
          .split("/")
          .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"))
      : [member];
  }

  find(text: string): boolean {
    let at = 0;
    for (const token of this.#path) {
      at = enter(text, skipSpace(text, at), token, this.#isPointer);
      if (at < 0) return false;
    }
    const end = skipString(text, at);
    const type = end < 0 ? undefined : unescaped(text.slice(at + 1, end - 1));
    if (type === undefined) return false;
    this.type = type;
    this.begin = at + 1;
    return true;
  }

  /** Returns the same member of a parsed message, of any type. */
  read(parsed: unknown): unknown {
    let value = parsed;
    for (const token of this.#path) {
      if (typeof value !== "object" || value === null) return undefined;
      if (Array.isArray(value) && !(this.#isPointer && arrayIndex.test(token))) return undefined;
      value = Object.hasOwn(value, token) ? value[token as keyof object] : undefined;
    }
    return value;
  }
}

/** Returns true if the message begins like an array. */
export function isBatch(text: string): boolean {
  return text.charCodeAt(skipSpace(text, 0)) === openBracket;
}

/** Splits a JSON array into the JSON of its elements. */
export class BatchReader {
  readonly #text: string;
  #at: number;
  #isDone = false;
  isMalformed = false;

  /** `text` must satisfy `isBatch`. */
  constructor(text: string) {
    this.#text = text;
    this.#at = skipSpace(text, 0) + 1;
    const first = skipSpace(text, this.#at);
    if (text.charCodeAt(first) === closeBracket) this.#finish(first + 1);
  }

  /** Returns the next element; undefined at the end, or if the rest is malformed. */
  next(): string | undefined {
    if (this.#isDone || this.isMalformed) return undefined;
    const text = this.#text;
    const begin = skipSpace(text, this.#at);
    const end = skipValue(text, begin);
    if (end < 0) {
      this.isMalformed = true;
      return undefined;
    }
    const behind = skipSpace(text, end);
    const unit = text.charCodeAt(behind);
    if (unit === closeBracket) this.#finish(behind + 1);
    else this.isMalformed = unit !== comma;
    this.#at = behind + 1;
    return text.slice(begin, end);
  }

  #finish(at: number): void {
    this.#isDone = true;
    this.isMalformed = skipSpace(this.#text, at) < this.#text.length;
  }
}
