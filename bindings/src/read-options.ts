import { highPriority, NumberOption, numberOptions, sendFlags, TextOption } from "./core.js";
import type {
  CloseOptions,
  HeartbeatOptions,
  ReconnectOptions,
  SendOptions,
  SteadySocketOptions,
} from "./options.js";
import { toWire } from "./payload.js";
import { isSchema } from "./schema.js";

/** In the order of their enumerators in options.hpp. */
const choices = new Map<string, readonly string[]>([
  ["queue.overflow", ["reject", "drop_oldest", "drop_newest"]],
  ["queue.unconfirmed", ["report", "requeue"]],
]);
/** In the order of CloseAction in close_rule.hpp. */
const closeActions: readonly unknown[] = ["fatal", "retry", "at_once", "later"];
const handlers = ["beginSession", "reconnect.decide"];
const textOptions = new Map<string, number>([
  ["typeMember", TextOption.typeMember],
  ["batch.subprotocol", TextOption.batchSubprotocol],
  ["heartbeat.reply", TextOption.heartbeatReply],
]);
const otherOptions = [
  "reconnect",
  "queue",
  "batch",
  "heartbeat",
  "heartbeat.message",
  "firstMessage",
  "WebSocket",
  "reconnect.closeRules",
  "schemas",
  "requests",
  "startClosed",
];
const requestNames = ["idMember", "replyMember", "errorMember"];

const shown = (value: unknown) => (typeof value === "string" ? `"${value}"` : String(value));

/** Throws what is said of an option that is of another type. */
export function fail(name: string, what: string, value: unknown): never {
  failAt(`options.${name}`, what, value);
}

function failAt(where: string, what: string, value: unknown): never {
  throw new TypeError(`SteadySocket: ${where} must be ${what}, not ${shown(value)}`);
}

/** An object goes as JSON. */
export function messageText(name: string, value: unknown): string {
  const text = typeof value === "object" && value !== null ? toWire(value) : value;
  if (typeof text !== "string") fail(name, "a text or an object for JSON", value);
  return text;
}

/** The members of an options object by their full names; those that are undefined left out. */
function* members(prefix: string, group: unknown): Iterable<[name: string, value: unknown]> {
  if (typeof group !== "object" || group === null) {
    failAt(`options${prefix && `.${prefix.slice(0, -1)}`}`, "an object", group);
  }
  for (const [name, value] of Object.entries(group)) {
    if (value !== undefined) yield [prefix + name, value];
  }
}

/** The number that a choice has in the core. */
function choice(name: string, values: readonly unknown[], value: unknown): number {
  const index = values.indexOf(value);
  if (index < 0) fail(name, `one of ${values.join(", ")}`, value);
  return index;
}

const rulesPrefix = "reconnect.closeRules.";

/** Rows of the table of close codes, each in one number: see `close_rule_of` in embind.cpp. */
function* closeRules(rules: unknown): Iterable<number> {
  for (const [name, action] of members(rulesPrefix, rules)) {
    const codes = /^(0|[1-9]\d{0,4})(?:-([1-9]\d{0,4}))?$/.exec(name.slice(rulesPrefix.length));
    const first = Number(codes?.[1]);
    const last = Number(codes?.[2] ?? first);
    if (!(last <= 0xffff)) {
      throw new TypeError(`SteadySocket: options.${name} is no close code, and no range of them`);
    }
    yield (first * 0x10000 + last) * 4 + choice(name, closeActions, action);
  }
}

/** What an answer of `reconnect.decide` is in the core; -1 leaves it to the rules. */
export function closeActionOf(answer: unknown): number {
  if (typeof answer === "boolean") return answer ? 1 : 0;
  return answer === undefined ? -1 : choice("reconnect.decide", closeActions, answer);
}

/** How to close, with the deadline of the flush; -1 if there is none. */
export function readCloseOptions(options: CloseOptions) {
  const { code, reason, flush = false, deadline = 5_000, ...others } = options;
  for (const name of Object.keys(others)) {
    throw new TypeError(`SteadySocket: there is no option ${name} of close`);
  }
  if (typeof flush !== "boolean") failAt("the option flush of close", "true or false", flush);
  if (typeof deadline !== "number" || Number.isNaN(deadline)) {
    failAt("the option deadline of close", "a number", deadline);
  }
  return { code, reason, deadline: flush ? Math.max(deadline, 0) : -1 };
}

/** What a message wants, in the core's terms: see `setSendOptions` in core.ts. */
export function readSendOptions(options: SendOptions): { ttl: number; flags: number; key: string } {
  if (typeof options !== "object" || options === null) {
    failAt("the options of send", "an object", options);
  }
  const { ttl = -1, key = "", priority = "normal", ...flags } = options;
  const check = (name: string, what: string, isGood: boolean) =>
    isGood || failAt(`the option ${name} of send`, what, options[name as keyof SendOptions]);
  check(
    "ttl",
    "a number of 0 or more",
    typeof ttl === "number" && (ttl >= 0 || options.ttl === undefined),
  );
  check("key", "a text", typeof key === "string");
  check("priority", '"normal" or "high"', priority === "normal" || priority === "high");
  let bits = priority === "high" ? highPriority : 0;
  for (const [name, value] of Object.entries(flags)) {
    const bit = sendFlags.get(name);
    if (bit === undefined) throw new TypeError(`SteadySocket: there is no option ${name} of send`);
    check(name, "true or false", value === undefined || typeof value === "boolean");
    if (value) bits |= bit;
  }
  return { ttl, flags: bits, key };
}

/** Options by their index in the core. */
export interface CoreOptions {
  numbers: [option: number, value: number][];
  texts: [option: number, value: string][];
}

/**
 * What of the options is for the core. Whether they are in their range is the core's business.
 * `hasProvider`: what to connect with is asked for every attempt. Throws TypeError for what is
 * unknown or of another type.
 */
export function readOptions(options: SteadySocketOptions, hasProvider: boolean): CoreOptions {
  const given = [...members("", options)];
  const { reconnect = {}, queue = {}, batch = false, heartbeat = false, firstMessage } = options;
  const groupOf = (group: object | boolean) => (typeof group === "boolean" ? {} : group);
  const nested = [
    ...members("batch.", groupOf(batch)),
    ...members("heartbeat.", groupOf(heartbeat)),
    ...members("reconnect.", reconnect === false ? { maxAttempts: 0 } : reconnect),
    ...members("queue.", queue),
  ];
  const numbers: CoreOptions["numbers"] = [];
  const texts: CoreOptions["texts"] = [];
  if (hasProvider) numbers.push([NumberOption.provider, 1]);
  if (batch !== false) texts.push([TextOption.batchSubprotocol, ""]);
  if (heartbeat !== false) {
    // As HeartbeatOptions of options.hpp has it.
    const { message = { type: "ping" } } = heartbeat as HeartbeatOptions;
    texts.push([TextOption.heartbeatMessage, messageText("heartbeat.message", message)]);
  }
  if (firstMessage !== undefined && typeof firstMessage !== "function") {
    texts.push([TextOption.firstMessage, messageText("firstMessage", firstMessage)]);
  }
  for (const [name, value] of [...given, ...nested]) {
    if (otherOptions.includes(name)) continue;
    const textOption = textOptions.get(name);
    if (textOption !== undefined) {
      if (typeof value !== "string") fail(name, "a text", value);
      texts.push([textOption, value]);
      continue;
    }
    const option = numberOptions.indexOf(name);
    if (option < 0) throw new TypeError(`SteadySocket: there is no options.${name}`);
    const values = choices.get(name);
    if (values !== undefined) {
      numbers.push([option, choice(name, values, value)]);
      continue;
    }
    if (handlers.includes(name)) {
      if (typeof value !== "function") fail(name, "a function", value);
      numbers.push([option, 1]);
      continue;
    }
    // Infinity is the default, which the core has no number for.
    if (name === "reconnect.maxElapsed" && value === Number.POSITIVE_INFINITY) continue;
    if (!(typeof value === "number" && value >= 0)) fail(name, "a number of 0 or more", value);
    numbers.push([option, value]);
  }
  const rules = (reconnect as ReconnectOptions | false) || {};
  const rows = [...closeRules(rules.closeRules === undefined ? {} : rules.closeRules)];
  numbers.push([NumberOption.closeRules, rows.length]);
  rows.forEach((row, index) => {
    numbers.push([NumberOption.closeRule + index, row]);
  });
  checkRequests(options.requests);
  checkSchemas(options.schemas);
  const { startClosed } = options;
  if (startClosed !== undefined && typeof startClosed !== "boolean") {
    fail("startClosed", "true or false", startClosed);
  }
  const { WebSocket: webSocketClass } = options;
  if (webSocketClass !== undefined && typeof webSocketClass !== "function") {
    fail("WebSocket", "a class", webSocketClass);
  }
  return { numbers, texts };
}

function checkRequests(requests: SteadySocketOptions["requests"]): void {
  if (requests === undefined) return;
  for (const [name, value] of members("requests.", requests)) {
    if (name === "requests.timeout") {
      if (!(typeof value === "number" && value >= 0)) fail(name, "a number of 0 or more", value);
    } else if (!requestNames.includes(name.slice("requests.".length))) {
      throw new TypeError(`SteadySocket: there is no options.${name}`);
    } else if (typeof value !== "string" || value === "") {
      fail(name, "the name of a member", value);
    }
  }
}

function checkSchemas(schemas: object | undefined): void {
  if (schemas === undefined) return;
  for (const [name, value] of members("schemas.", schemas)) {
    if (!isSchema(value)) fail(name, "a Standard Schema", value);
  }
}
