import { TextOption } from "./core.js";
import { toWire } from "./payload.js";

/** A class with the interface of WebSocket, such as the one of the `ws` package. */
export interface WebSocketClass {
  new (url: string, protocols?: string[]): unknown;
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
   * Attempts are counted from zero again only after a connection was up for this long.
   * @default 5000
   */
  stableAfter?: number;
}

/** How much may wait while there is no connection. A message beyond is rejected. */
export interface QueueOptions {
  /** @default 1000 */
  maxMessages?: number;
  /** Sum of the messages, in bytes on the wire. @default 1048576 */
  maxBytes?: number;
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
  firstMessage?: string | object;
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
  /** While the browser holds this many bytes, messages wait in the queue. @default 1048576 */
  highWaterMark?: number;
  /** What connections are made of. @default globalThis.WebSocket */
  WebSocket?: WebSocketClass;
}

/** In the order of NumberOption in embind.cpp. */
const numberOptions = [
  "reconnect.initialDelay",
  "reconnect.maxDelay",
  "reconnect.factor",
  "reconnect.maxAttempts",
  "reconnect.stableAfter",
  "queue.maxMessages",
  "queue.maxBytes",
  "connectTimeout",
  "closeTimeout",
  "highWaterMark",
  "batch.maxMessages",
  "batch.maxBytes",
  "heartbeat.interval",
  "heartbeat.timeout",
];
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
];

const shown = (value: unknown) => (typeof value === "string" ? `"${value}"` : String(value));

function fail(name: string, what: string, value: unknown): never {
  throw new TypeError(`SteadySocket: options.${name} must be ${what}, not ${shown(value)}`);
}

/** An object goes as JSON. */
function messageText(name: string, value: unknown): string {
  const text = typeof value === "object" && value !== null ? toWire(value) : value;
  if (typeof text !== "string") fail(name, "a text or an object for JSON", value);
  return text;
}

/** The members of an options object by their full names; those that are undefined left out. */
function* members(prefix: string, group: unknown): Iterable<[name: string, value: unknown]> {
  if (typeof group !== "object" || group === null) {
    throw new TypeError(
      `SteadySocket: options${prefix && `.${prefix.slice(0, -1)}`} must be an object, not ${shown(group)}`,
    );
  }
  for (const [name, value] of Object.entries(group)) {
    if (value !== undefined) yield [prefix + name, value];
  }
}

/** Options by their index in the core. */
export interface CoreOptions {
  numbers: [option: number, value: number][];
  texts: [option: number, value: string][];
}

/**
 * What of the options is for the core. Whether they are in their range is the core's business.
 * Throws TypeError for what is unknown or of another type.
 */
export function readOptions(options: SteadySocketOptions): CoreOptions {
  const given = new Map(members("", options));
  const reconnect = given.has("reconnect") ? given.get("reconnect") : {};
  const batch = given.has("batch") ? given.get("batch") : false;
  const heartbeat = given.has("heartbeat") ? given.get("heartbeat") : false;
  const nested = [
    ...members("batch.", typeof batch === "boolean" ? {} : batch),
    ...members("heartbeat.", typeof heartbeat === "boolean" ? {} : heartbeat),
    ...members("reconnect.", reconnect === false ? { maxAttempts: 0 } : reconnect),
    ...members("queue.", given.has("queue") ? given.get("queue") : {}),
  ];
  const numbers: CoreOptions["numbers"] = [];
  const texts: CoreOptions["texts"] = [];
  if (batch !== false) texts.push([TextOption.batchSubprotocol, ""]);
  if (heartbeat !== false) {
    // As HeartbeatOptions of options.hpp has it.
    const { message = { type: "ping" } } = heartbeat as HeartbeatOptions;
    texts.push([TextOption.heartbeatMessage, messageText("heartbeat.message", message)]);
  }
  const { firstMessage } = options;
  if (firstMessage !== undefined) {
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
    if (!(typeof value === "number" && value >= 0)) fail(name, "a number of 0 or more", value);
    numbers.push([option, value]);
  }
  const { WebSocket: webSocketClass } = options;
  if (webSocketClass !== undefined && typeof webSocketClass !== "function") {
    fail("WebSocket", "a class", webSocketClass);
  }
  return { numbers, texts };
}
