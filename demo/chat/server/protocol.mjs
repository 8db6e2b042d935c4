// Validation of client messages. See docs/demos/chat-protocol.md.
import * as v from "valibot";
import { cleanText, isWhole } from "../../common/texts.mjs";
import { comparable, nameLength } from "./names.mjs";

/** The subprotocol of clients that support arrays. */
export const batchProtocol = "chat.batch";

/** Lengths are those of strings: UTF-16 code units, as an input's `maxlength` counts. */
export const limits = {
  frameBytes: 64 * 1024,
  /** Messages per frame. */
  batch: 64,
  name: nameLength,
  message: 2000,
};

export const closeCodes = { restart: 1012, tryAgainLater: 1013, replaced: 4001 };

const idLength = { from: 1, to: 64 };
const requestTypes = {
  join: {
    userName: v.string("userName must be a string"),
    key: v.optional(text("key", { from: 16, to: 64 })),
    since: v.optional(text("since", { from: 0, to: 64 })),
  },
  rename: { userName: v.string("userName must be a string") },
  "chat-message": { message: v.string("message must be a string") },
  "private-message": {
    to: text("to", { from: 1, to: 64 }),
    message: v.string("message must be a string"),
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

/**
 * The members written by users: their cleaning, which returns undefined if invalid, and the error.
 */
const written = {
  userName: {
    clean: cleanName,
    code: "bad_name",
    expected: `a name has 1 to ${limits.name} characters`,
  },
  message: {
    clean: (text) => cleanText(text, limits.message),
    code: "bad_message",
    expected: `a message has 1 to ${limits.message} characters`,
  },
};

/**
 * @typedef {object} Problem
 * @property {string} [id] Of the request.
 * @property {{ code: string, message: string, suggestion?: string }} error
 */

/**
 * A validated request with cleaned strings, or its error.
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
 * @param {boolean} isBatched True if an array is several messages.
 * @returns {Request[]}
 */
export function readFrame(data, isBatched) {
  if (data === undefined) return [problem("malformed", "binary frames are not supported")];
  if (!/^[{[]/.test(data)) return [readRequest({ type: "chat-message", message: data })];
  let value;
  try {
    value = JSON.parse(data);
  } catch {
    return [problem("malformed", "invalid JSON")];
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
  const message = `${member} must be a string of ${from} to ${to} characters`;
  return v.pipe(
    v.string(message),
    v.minLength(from, message),
    v.maxLength(to, message),
    v.check(isWhole, `${member} contains an unpaired surrogate`),
  );
}

/**
 * @param {string} code One of docs/demos/chat-protocol.md.
 * @param {string} message For authors of clients.
 * @param {string} [id] Of the request.
 * @returns {Problem}
 */
export function problem(code, message, id, more = {}) {
  return { id, error: { code, message, ...more } };
}

function cleanName(name) {
  const clean = cleanText(name, limits.name)?.replace(/\s+/g, " ");
  return clean === undefined || comparable(clean) === "" ? undefined : clean;
}
