// Validation of client messages, and encoding of the state. See docs/demos/game-protocol.md.
import * as v from "valibot";
import { cleanText } from "../../common/texts.mjs";

export const version = 1;
export const kinds = { state: 1, input: 2 };
/** The resolution of positions: parts of a unit. */
const scale = 32;
const sizes = { header: 18, player: 14, dot: 4, input: 6 };

export const limits = {
  frameBytes: 4096,
  players: 64,
  dots: 256,
  /** In UTF-16 code units, as an input's `maxlength` counts. */
  name: 20,
  chat: 300,
};

export const closeCodes = {
  tooFast: 1008,
  restart: 1012,
  tryAgainLater: 1013,
  refused: 4000,
  replaced: 4001,
};

const shortText = (from, to) => v.pipe(v.string(), v.minLength(from), v.maxLength(to));
const requests = v.variant("type", [
  v.object({ type: v.literal("join"), name: v.string(), key: shortText(16, 64) }),
  v.object({ type: v.literal("chat"), id: shortText(1, 64), text: v.string() }),
]);

/**
 * @typedef {{ type: "join", name: string, key: string }
 *   | { type: "chat", id: string, text: string }
 *   | { type: "input", sequence: number, dx: number, dy: number }} Request
 */

/**
 * Validates a message from a client.
 * @param {string | Buffer} data
 * @returns {{ request: any, problem?: undefined } | { problem: any, request?: undefined }} The
 *   Request, or the error to send.
 */
export function readMessage(data) {
  if (typeof data === "string") return readText(data);
  const input = readInput(data);
  if (input === undefined) return { problem: problem("malformed", "no input") };
  return { request: { type: "input", ...input } };
}

function readText(data) {
  let value;
  try {
    value = JSON.parse(data);
  } catch {
    return { problem: problem("malformed", "not JSON") };
  }
  const { success, output, issues } = v.safeParse(requests, value);
  if (!success) return { problem: problem("malformed", issues[0].message, usableId(value)) };
  if (output.type === "join") return cleaned(output, "name", limits.name);
  return cleaned(output, "text", limits.chat);
}

function cleaned(request, member, length) {
  const text = cleanText(request[member], length)?.replace(/\s+/g, " ");
  if (text !== undefined) return { request: { ...request, [member]: text } };
  const expected = `${member} must have 1 to ${length} characters`;
  return { problem: problem(`bad_${member}`, expected, request.id) };
}

/**
 * @param {string} code One of docs/demos/game-protocol.md.
 * @param {string} message For authors of clients.
 * @param {string} [id] Of the request.
 */
export function problem(code, message, id) {
  return { type: "error", id, error: { code, message } };
}

function usableId(value) {
  return v.is(shortText(1, 64), value?.id) ? value.id : undefined;
}

/** Returns the direction in a binary message, or undefined if the message is malformed. */
function readInput(data) {
  if (data.length !== sizes.input || data[0] !== version || data[1] !== kinds.input)
    return undefined;
  const [dx, dy] = [data.readInt8(4) / 127, data.readInt8(5) / 127];
  // All players have the same maximum speed.
  const length = Math.max(1, Math.hypot(dx, dy));
  return { sequence: data.readUInt16LE(2), dx: dx / length, dy: dy / length };
}

/**
 * @param {{ number: number, time: number, players: Iterable<any>, dots: { x: number, y: number }[] }}
 *   state `time` in milliseconds since 1970, as `Date.now()`.
 */
export function writeState({ number, time, players, dots }) {
  const all = [...players];
  const data = Buffer.alloc(sizes.header + all.length * sizes.player + dots.length * sizes.dot);
  data[0] = version;
  data[1] = kinds.state;
  data.writeUInt16LE(all.length, 2);
  data.writeUInt16LE(dots.length, 4);
  data.writeUInt32LE(number >>> 0, 6);
  data.writeDoubleLE(time, 10);
  let at = sizes.header;
  for (const { id, x, y, sequence, colour, isAway, score } of all) {
    data.writeUInt16LE(id, at);
    data.writeUInt16LE(Math.round(x * scale), at + 2);
    data.writeUInt16LE(Math.round(y * scale), at + 4);
    data.writeUInt16LE(sequence, at + 6);
    data[at + 8] = colour;
    data[at + 9] = isAway ? 1 : 0;
    data.writeUInt32LE(score, at + 10);
    at += sizes.player;
  }
  for (const { x, y } of dots) {
    data.writeUInt16LE(Math.round(x * scale), at);
    data.writeUInt16LE(Math.round(y * scale), at + 2);
    at += sizes.dot;
  }
  return data;
}
