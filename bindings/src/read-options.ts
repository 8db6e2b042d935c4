import { closeActions, MessageFlag, Setting, settingCount, settings } from "./codes.gen.js";
import type {
  CloseOptions,
  CoreSocketOptions,
  HeartbeatOptions,
  ReconnectOptions,
  SendOptions,
  SessionOptions,
} from "./options.js";
import { exactSize, toWire } from "./payload.js";

/** Options that are functions, and the facts that they set. */
const handlers = new Map<string, number>([
  ["greet", Setting.greets],
  ["reconnect.decide", Setting.decides],
]);
const textOptions: readonly string[] = ["typeMember", "batch.subprotocol", "heartbeat.reply"];
const otherOptions = [
  "reconnect",
  "queue",
  "batch",
  "heartbeat",
  "heartbeat.message",
  "session",
  "session.required",
  "firstMessage",
  "WebSocket",
  "reconnect.closeRules",
  "startClosed",
  "startSuspended",
];

const shown = (value: unknown) => (typeof value === "string" ? `"${value}"` : String(value));

/** Throws the TypeError for an option of the wrong type. */
export function fail(name: string, what: string, value: unknown): never {
  throw new TypeError(`SteadySocket: ${name} must be ${what}, got ${shown(value)}`);
}

export function failUnknown(name: string): never {
  throw new TypeError(`SteadySocket: unknown option: ${name}`);
}

/** Returns the string of a message option: an object is serialized as JSON. */
export function messageText(name: string, value: unknown): string {
  const text = typeof value === "object" && value !== null ? toWire(value) : value;
  if (typeof text !== "string") fail(name, "a string or an object", value);
  return text;
}

/** Yields the members of an options object with their full names. Skips undefined members. */
export function* members(prefix: string, group: unknown): Iterable<[name: string, value: unknown]> {
  if (typeof group !== "object" || group === null) {
    fail(prefix.slice(0, -1) || "options", "an object", group);
  }
  for (const [name, value] of Object.entries(group)) {
    if (value !== undefined) yield [prefix + name, value];
  }
}

/** Returns the number of an enumeration's value. */
export function choice(name: string, values: readonly unknown[], value: unknown): number {
  const index = values.indexOf(value);
  if (index < 0) fail(name, `one of ${values.join(", ")}`, value);
  return index;
}

const rulesPrefix = "reconnect.closeRules.";

/** A row of the close code table. */
export type CloseRule = readonly [first: number, last: number, action: number];

function* closeRules(rules: unknown): Iterable<CloseRule> {
  for (const [name, action] of members(rulesPrefix, rules)) {
    const codes = /^(0|[1-9]\d{0,4})(?:-([1-9]\d{0,4}))?$/.exec(name.slice(rulesPrefix.length));
    const first = Number(codes?.[1]);
    const last = Number(codes?.[2] ?? first);
    if (!(last <= 0xffff)) {
      throw new TypeError(
        `SteadySocket: ${name} must be a close code or a range of them, such as 4001 or 4100-4199`,
      );
    }
    checkRange(first <= last, `${name} must be a range whose first code is not above its last`);
    yield [first, last, choice(name, closeActions, action)];
  }
}

/** Converts a result of `reconnect.decide` to a CloseAction; -1 to apply the rules. */
export function closeActionOf(answer: unknown): number {
  if (typeof answer === "boolean") return answer ? 1 : 0;
  return answer === undefined ? -1 : choice("reconnect.decide", closeActions, answer);
}

/** Validates the options of `close`. `deadline` is -1 without a flush. */
export function readCloseOptions(options: CloseOptions) {
  const { code, reason, flush = false, deadline = 5_000, ...others } = options;
  for (const name of Object.keys(others)) {
    failUnknown(`${name} of close`);
  }
  if (typeof flush !== "boolean") fail("flush of close", "true or false", flush);
  if (typeof deadline !== "number" || Number.isNaN(deadline)) {
    fail("deadline of close", "a number", deadline);
  }
  return { code, reason, deadline: flush ? Math.max(deadline, 0) : -1 };
}

const sendFlags = new Map<string, number>([
  ["volatile", MessageFlag.isVolatile],
  ["connectionOnly", MessageFlag.connectionOnly],
  ["track", MessageFlag.track],
]);

/** Converts the options of `send` for the kernel. `flags`: MessageFlag bits. */
export function readSendOptions(options: SendOptions): { ttl: number; flags: number; key: string } {
  if (typeof options !== "object" || options === null) {
    fail("options of send", "an object", options);
  }
  const { ttl = -1, key = "", priority = "normal", ...flags } = options;
  const check = (name: string, what: string, isGood: boolean) =>
    isGood || fail(`${name} of send`, what, options[name as keyof SendOptions]);
  check(
    "ttl",
    "a number of 0 or more",
    typeof ttl === "number" && (ttl >= 0 || options.ttl === undefined),
  );
  check("key", "a string", typeof key === "string");
  check("priority", '"normal" or "high"', priority === "normal" || priority === "high");
  let bits = priority === "high" ? MessageFlag.highPriority : 0;
  for (const [name, value] of Object.entries(flags)) {
    const bit = sendFlags.get(name);
    if (bit === undefined) failUnknown(`${name} of send`);
    check(name, "true or false", value === undefined || typeof value === "boolean");
    if (value) bits |= bit;
  }
  return { ttl, flags: bits, key };
}

/** String options by their names. */
export interface OptionTexts {
  [name: string]: string | undefined;
  typeMember?: string;
  firstMessage?: string;
  "batch.subprotocol"?: string;
  "heartbeat.message"?: string;
  "heartbeat.reply"?: string;
}

/** Options in the form that the kernel takes. */
export interface CoreSettings {
  /** The values of `settings` in their order, then the facts: see `Setting`. */
  values: number[];
  rules: CloseRule[];
  texts: OptionTexts;
}

function checkRange(isInside: boolean, message: string): void {
  if (!isInside) throw new RangeError(`SteadySocket: ${message}`);
}

const indexOf = (name: string) => settings.findIndex((setting) => setting[0] === name);

/** Returns the values of `settings`, with defaults for those not given. Throws RangeError. */
function valuesOf(given: readonly (number | undefined)[]): number[] {
  const values = settings.map((setting, index) => given[index] ?? setting[1]);
  settings.forEach((setting, index) => {
    if (setting.length === 3 || (given[index] === undefined && setting[1] < 0)) return;
    const [name, , low, high, words, isBelow] = setting;
    const bound = (of: number | string) =>
      typeof of === "string" ? (values[indexOf(of)] as number) : of;
    const value = values[index] as number;
    const isInside = value >= bound(low) && (isBelow ? value < bound(high) : value <= bound(high));
    checkRange(isInside, `${name} must be ${words}, got ${value}`);
  });
  return values;
}

/** A member name, or a JSON Pointer (RFC 6901 3). */
const memberOrPointer = /^(?:[^/]|\/(?:[^~]|~[01])*$)/s;
const longestReply = 256;

function checkTexts(texts: OptionTexts) {
  const { typeMember = "type" } = texts;
  checkRange(
    memberOrPointer.test(typeMember),
    `typeMember must be a name or a JSON Pointer, got "${typeMember}"`,
  );
  checkRange(texts["heartbeat.message"] !== "", "heartbeat.message must not be empty");
  checkRange(
    exactSize(texts["heartbeat.reply"] ?? "") <= longestReply,
    "heartbeat.reply must be at most 256 bytes",
  );
}

/**
 * Converts options for the kernel. `hasProvider`: a function provides the details of each attempt.
 * Throws TypeError for an unknown option or one of the wrong type, RangeError for one out of range.
 */
export function settingsOf(options: CoreSocketOptions, hasProvider: boolean): CoreSettings {
  const topLevel = [...members("", options)];
  const { reconnect = {}, queue = {}, batch = false, heartbeat = false, firstMessage } = options;
  const { session = false } = options;
  const policy: ReconnectOptions = reconnect === false ? { maxAttempts: 0 } : reconnect;
  const groupOf = (group: object | boolean) => (typeof group === "boolean" ? {} : group);
  const nested = [
    ...members("batch.", groupOf(batch)),
    ...members("heartbeat.", groupOf(heartbeat)),
    ...members("session.", groupOf(session)),
    ...members("reconnect.", policy),
    ...members("queue.", queue),
  ];
  const values = new Array<number>(settingCount).fill(0);
  const texts: OptionTexts = {};
  if (batch !== false) texts["batch.subprotocol"] = "";
  if (heartbeat !== false) {
    // Same default as HeartbeatOptions in options.hpp.
    const { message = { type: "ping" } } = heartbeat as HeartbeatOptions;
    texts["heartbeat.message"] = messageText("heartbeat.message", message);
  }
  if (firstMessage !== undefined && typeof firstMessage !== "function") {
    texts.firstMessage = messageText("firstMessage", firstMessage);
  }
  const given: number[] = [];
  for (const [name, value] of [...topLevel, ...nested]) {
    if (otherOptions.includes(name)) continue;
    const handler = handlers.get(name);
    const index = indexOf(name);
    const setting = settings[index];
    if (textOptions.includes(name)) {
      if (typeof value !== "string") fail(name, "a string", value);
      texts[name] = value;
    } else if (handler !== undefined) {
      if (typeof value !== "function") fail(name, "a function", value);
      values[handler] = 1;
    } else if (setting === undefined) {
      failUnknown(name);
    } else if (setting.length === 3) {
      given[index] = choice(name, setting[2], value);
    } else {
      if (typeof value !== "number") fail(name, "a number", value);
      given[index] = value;
    }
  }
  checkTexts(texts);
  values[Setting.asksProvider] = Number(hasProvider);
  values[Setting.batches] = Number(batch !== false);
  values[Setting.pings] = Number(heartbeat !== false);
  values[Setting.pingHasReply] = Number(Boolean(texts["heartbeat.reply"]));
  values[Setting.firstMessageSize] =
    texts.firstMessage === undefined ? -1 : exactSize(texts.firstMessage);
  values[Setting.sessions] = Number(session !== false);
  values[Setting.sessionRequired] = Number(isRequired(session));
  values[Setting.pingSize] = exactSize(texts["heartbeat.message"] ?? "");
  checkOthers(options);
  const { closeRules: rules = {} } = policy;
  return {
    values: Object.assign(values, valuesOf(given)),
    rules: [...closeRules(rules)],
    texts,
  };
}

function isRequired(session: SessionOptions | boolean): boolean {
  const { required = false } = session as SessionOptions;
  if (typeof required !== "boolean") fail("session.required", "true or false", required);
  return required;
}

/** Validates the options that only the shell uses. */
function checkOthers({ startClosed, startSuspended, WebSocket }: CoreSocketOptions): void {
  for (const [name, value] of Object.entries({ startClosed, startSuspended })) {
    if (value !== undefined && typeof value !== "boolean") fail(name, "true or false", value);
  }
  if (startClosed && startSuspended) fail("startSuspended", "false with startClosed", true);
  if (WebSocket !== undefined && typeof WebSocket !== "function") {
    fail("WebSocket", "a class", WebSocket);
  }
}
