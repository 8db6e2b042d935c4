import { highPriority, NumberOption, numberOptions, sendFlags, TextOption } from "./core.js";
import { type Sendable, toWire } from "./payload.js";

/** A class with the interface of WebSocket, such as the one of the `ws` package. */
export interface WebSocketClass {
  new (url: string, protocols?: string[]): unknown;
}

/**
 * What follows the end of a connection: `fatal` closes the socket, `retry` is another attempt after
 * the usual delay, `at_once` one without a delay if the connection was stable, `later` one after
 * `laterMin` to `laterMax`.
 */
export type CloseAction = "fatal" | "retry" | "at_once" | "later";

/** How a connection, or an attempt, has ended. */
export interface CloseInfo {
  /** RFC 6455 7.4; 1005 without a code, 1006 without a close frame. */
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;
}

/** When to try again: exponential backoff with full jitter. Times are in milliseconds. */
export interface ReconnectOptions {
  /** Upper end of the first delay. More than 0. @default 1000 */
  initialDelay?: number;
  /** Upper end of every delay. At least `initialDelay`, at most a day. @default 10000 */
  maxDelay?: number;
  /** Growth of the upper end from one attempt to the next. 1 or more. @default 2 */
  factor?: number;
  /** Retries in a row before the socket gives up. 0 never reconnects. @default Infinity */
  maxAttempts?: number;
  /**
   * No attempt begins later than this after the first one, or after the loss of a stable
   * connection. More than 0. @default Infinity
   */
  maxElapsed?: number;
  /**
   * Attempts are counted from zero again only after a connection was up for this long.
   * @default 5000
   */
  stableAfter?: number;
  /** `later` waits for a time between this ... @default 5000 */
  laterMin?: number;
  /** ... and this, at most a day. @default 30000 */
  laterMax?: number;
  /**
   * What follows which close code, before the table of docs/reconnecting.md: a code or a range of
   * them, as `{ 4001: "retry", "4100-4199": "later" }`. Codes go before ranges, ranges in their order;
   * `"0-65535"` replaces the whole table.
   */
  closeRules?: { readonly [codes: string]: CloseAction };
  /**
   * Asked first what follows the end of a connection or an attempt. `true` is `retry`, `false` is
   * `fatal`; undefined leaves it to the rules, and so does an error that it throws.
   */
  decide?: (close: CloseInfo) => CloseAction | boolean | undefined;
}

/** How much may wait, and what becomes of what may not. */
export interface QueueOptions {
  /** @default 1000 */
  maxMessages?: number;
  /** Sum of the messages, in bytes on the wire. @default 1048576 */
  maxBytes?: number;
  /**
   * What happens to a message that there is no room for: it is rejected, or taken while the oldest
   * that wait are dropped for it, or dropped. @default "reject"
   */
  overflow?: "reject" | "drop_oldest" | "drop_newest";
  /**
   * What happens to messages that the browser still had when their connection ended. Whether they
   * have arrived nobody knows. `report` drops them: none is sent twice. `requeue` sends them first
   * on the next connection: none is lost, one may arrive twice. @default "report"
   */
  unconfirmed?: "report" | "requeue";
}

/** What one message wants of the queue. */
export interface SendOptions {
  /** Milliseconds after which it is not sent any more. 0 or more. @default Infinity */
  ttl?: number;
  /** A newer message with the same key takes the place of one that waits. */
  key?: string;
  /** Those of `high` priority that wait go first. @default "normal" */
  priority?: "normal" | "high";
  /** Sent now or not at all. @default false */
  volatile?: boolean;
  /** Sent on the present connection or not at all. @default false */
  sessionOnly?: boolean;
  /** The result of `send` has an `outcome`. @default false */
  track?: boolean;
}

/** How to close. */
export interface CloseOptions {
  /** 1000 or 3000 to 4999. */
  code?: number;
  /** At most 123 bytes of UTF-8; not sent without a code. */
  reason?: string;
  /**
   * First waits until everything that was sent has left the browser's buffer, over as many
   * connections as that takes. @default false
   */
  flush?: boolean;
  /** The longest that a flush takes, in milliseconds. More than 0, at most a day. @default 5000 */
  deadline?: number;
}

/** A value, or what gives a fresh one for every attempt. */
export type Provided<Value> = Value | (() => Value | PromiseLike<Value>);

/** A connection that has opened and has not been given the queue yet. */
export interface Session {
  /** Sends before everything that waits. False if the connection is over, or the session begun. */
  send(data: Sendable): boolean;
}

/** How much may travel as one message. */
export interface BatchOptions {
  /**
   * The connection is batched only if the server picks this subprotocol, which has to be among
   * those that are offered. Otherwise every server has to agree beforehand.
   */
  subprotocol?: string;
  /** Messages in one frame. @default 64 */
  maxMessages?: number;
  /** Bytes in one frame; a message that is larger goes alone. @default 16384 */
  maxBytes?: number;
}

/** Finds connections that are dead without a word. Times are in milliseconds. */
export interface HeartbeatOptions {
  /**
   * A ping is sent before the server has been silent for this long; every message that it sends
   * breaks the silence. More than 0, at most a day. @default 15000
   */
  interval?: number;
  /**
   * If nothing comes within this time after a ping, the connection is given up. More than 0, at
   * most a day. @default 5000
   */
  timeout?: number;
  /** The ping, which the server has to answer, with whatever it likes. @default { type: "ping" } */
  message?: string | object;
}

/** Everything a SteadySocket can be told. Times are in milliseconds, sizes in bytes. */
export interface SteadySocketOptions {
  /** `false` makes one attempt only. */
  reconnect?: ReconnectOptions | false;
  queue?: QueueOptions;
  /**
   * Sent first on every connection, before anything that waits in the queue: "who I am".
   * An object goes as JSON.
   */
  firstMessage?: Provided<string | object>;
  /**
   * Called when a connection has opened, before the queue goes: to log in, and to subscribe again,
   * with `session.send`. What waits goes when it returns, or when its promise is fulfilled. If it
   * throws, rejects, or takes longer than `connectTimeout`, the connection is given up, and the next
   * attempt scheduled.
   */
  beginSession?: (session: Session) => unknown;
  /**
   * Sends the objects given to `send` in one task as one JSON array, and takes apart an array that
   * is received: for servers that agree.
   * @default false
   */
  batch?: BatchOptions | boolean;
  /**
   * Asks a server that is silent whether it is still there. Without it nothing is sent that you did
   * not send.
   * @default false
   */
  heartbeat?: HeartbeatOptions | boolean;
  /**
   * Where the string is that messages are routed by: the name of a member, or a JSON Pointer
   * (RFC 6901), which begins with a slash: "/header/type", or "/3" for arrays.
   * @default "type"
   */
  typeMember?: string;
  /** An attempt that takes longer has failed. @default 10000 */
  connectTimeout?: number;
  /** A close handshake that takes longer is not waited for. @default 3000 */
  closeTimeout?: number;
  /** When the browser holds this many bytes, messages wait in the queue. @default 1048576 */
  highWaterMark?: number;
  /** They go on when it holds no more than this. @default half of highWaterMark */
  lowWaterMark?: number;
  /** What connections are made of. @default globalThis.WebSocket */
  WebSocket?: WebSocketClass;
}

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
];

const shown = (value: unknown) => (typeof value === "string" ? `"${value}"` : String(value));

function fail(name: string, what: string, value: unknown): never {
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
  const { WebSocket: webSocketClass } = options;
  if (webSocketClass !== undefined && typeof webSocketClass !== "function") {
    fail("WebSocket", "a class", webSocketClass);
  }
  return { numbers, texts };
}
