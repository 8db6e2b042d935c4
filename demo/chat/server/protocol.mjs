// What clients may say, and what is wrong with what they do say. See docs/demos/chat-protocol.md.
import * as v from "valibot";
import { cleanText, isWhole } from "../../common/texts.mjs";
import { comparable, nameLength } from "./names.mjs";

/** The subprotocol of those who understand arrays. */
export const batchProtocol = "chat.batch";

/** Lengths are those of strings: UTF-16 code units, as an input's `maxlength` counts. */
export const limits = {
  frameBytes: 64 * 1024,
  /** Messages in a frame. */
  batch: 64,
  name: nameLength,
  message: 2000,
};

export const closeCodes = { restart: 1012, tryAgainLater: 1013, replaced: 4001 };

const idLength = { from: 1, to: 64 };
const requestTypes = {
  join: {
    userName: v.string("userName must be a text"),
    key: v.optional(text("key", { from: 16, to: 64 })),
    since: v.optional(text("since", { from: 0, to: 64 })),
  },
  rename: { userName: v.string("userName must be a text") },
  "chat-message": { message: v.string("message must be a text") },
  "private-message": {
    to: text("to", { from: 1, to: 64 }),
    message: v.string("message must be a text"),
  },
  ping: {},
};
const typeNames = Object.keys(requestTypes).join(", ");
const requests = v.variant(
  "type",
  Object.entries(requestTypes).map(([type, members]) =>
    v.object({ type: v.literal(type), id: v.optional(text("id", idLength)), ...members }),
  ),
  `expected a JSON object with a type: ${typeNames}`,
);

/** The members that people write: what makes them fit, or undefined, and what is said then. */
const written = {
  userName: {
    clean: cleanName,
    code: "bad_name",
    expected: `a name has 1 to ${limits.name} whole characters`,
  },
  message: {
    clean: (text) => cleanText(text, limits.message),
    code: "bad_message",
    expected: `a message has 1 to ${limits.message} whole characters`,
  },
};

/**
 * @typedef {object} Problem
 * @property {string} [id] Of what was asked for.
 * @property {{ code: string, message: string, suggestion?: string }} error
 */

/**
 * Something that a client asks for, checked, its texts cleaned; or what is wrong with it.
 * @typedef {Problem | {
 *   type: "join", id?: string, userName: string, key?: string, since?: string, error?: undefined
 * } | {
 *   type: "rename", id?: string, userName: string, error?: undefined
 * } | {
 *   type: "chat-message", id?: string, message: string, error?: undefined
 * } | {
 *   type: "private-message", id?: string, to: string, message: string, error?: undefined
 * } | {
 *   type: "ping", id?: string, error?: undefined
 * }} Request
 */

/**
 * @param {string | undefined} data Of a frame; undefined if it was binary.
 * @param {boolean} isBatched Whether an array is several.
 * @returns {Request[]}
 */
export function readFrame(data, isBatched) {
  if (data === undefined) return [problem("malformed", "binary frames are not understood")];
  if (!/^[{[]/.test(data)) return [readRequest({ type: "chat-message", message: data })];
  let value;
  try {
    value = JSON.parse(data);
  } catch {
    return [problem("malformed", "not JSON, though it begins like that")];
  }
  if (!isBatched || !Array.isArray(value)) return [readRequest(value)];
  if (value.length > 0 && value.length <= limits.batch) return value.map(readRequest);
  return [problem("malformed", `an array has 1 to ${limits.batch} messages`)];
}

/** @returns {Request} */
function readRequest(value) {
  const { success, output, issues } = v.safeParse(requests, value, {
    abortEarly: true,
    abortPipeEarly: true,
  });
  if (!success) return problem("malformed", issues[0].message, usableId(value));
  for (const [member, { clean, code, expected }] of Object.entries(written)) {
    if (!Object.hasOwn(output, member)) continue;
    output[member] = clean(output[member]);
    if (output[member] === undefined) return problem(code, expected, output.id);
  }
  return /** @type {Request} */ (output);
}

function usableId(value) {
  const id = value?.id;
  return v.is(text("id", idLength), id) ? id : undefined;
}

function text(member, { from, to }) {
  const message = `${member} must be a text of ${from} to ${to} characters`;
  return v.pipe(
    v.string(message),
    v.minLength(from, message),
    v.maxLength(to, message),
    v.check(isWhole, `${member} has half of a character`),
  );
}

/**
 * @param {string} code One of docs/demos/chat-protocol.md.
 * @param {string} message For whoever writes clients.
 * @param {string} [id] Of what was asked for.
 * @returns {Problem}
 */
export function problem(code, message, id, more = {}) {
  return { id, error: { code, message, ...more } };
}

function cleanName(name) {
  const clean = cleanText(name, limits.name)?.replace(/\s+/g, " ");
  return clean === undefined || comparable(clean) === "" ? undefined : clean;
}
