import type { CompatOptions } from "./compat-options.js";
import type { Sendable } from "./payload.js";
import type { RequestNames } from "./requests.js";
import type { Schema } from "./schema.js";

/** A class with the interface of WebSocket, such as the one of the `ws` package. */
export interface WebSocketClass {
  new (url: string, protocols?: string[]): unknown;
}

/** Messages by their type, when nothing is known of them. */
// biome-ignore lint/suspicious/noExplicitAny: what a server sends is for its user to say
export type AnyMessages = Record<string, any>;

/** A validator for each type, or for some. */
export type Schemas<Incoming> = { readonly [Type in keyof Incoming]?: Schema<Incoming[Type]> };

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
  /** What the server said, or nothing. */
  readonly reason: string;
  /** Whether the connection ended with a close handshake. */
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
  /** Sum of the messages, in bytes on the wire. @default 16777216 */
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
  connectionOnly?: boolean;
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

/** What `greet` is called with: a connection that has opened and has not been given the queue yet. */
export interface Greeting {
  /** Sends before everything that waits. False if the connection is over, or the greeting. */
  send(data: Sendable): boolean;
}

/** How much may travel as one message. */
export interface BatchOptions {
  /**
   * The connection is batched only if the server picks this subprotocol. It has to be among those
   * that are offered: last, since a server that does not know it may pick the first. Without one,
   * every server has to agree beforehand.
   */
  subprotocol?: string;
  /** Messages in one frame. @default 64 */
  maxMessages?: number;
  /** Bytes in one frame; a message that is larger goes alone. @default 16384 */
  maxBytes?: number;
}

/**
 * Finds connections that are dead in silence. Times are in milliseconds. A connection is also given
 * up when nothing of what was sent leaves the browser's buffer for `interval` + `timeout`.
 */
export interface HeartbeatOptions {
  /**
   * Without `reply`, a ping is sent before the server has been silent for this long: every message
   * from it breaks the silence. With it, before this long has passed since the last reply. More than
   * 0, at most a day. @default 15000
   */
  interval?: number;
  /**
   * If no answer comes within this time after a ping, the connection is given up. More than 0, at
   * most a day. @default 5000
   */
  timeout?: number;
  /** The ping, which the server has to answer. @default { type: "ping" } */
  message?: string | object;
  /**
   * The message that answers a ping, and that nothing else does: its type (see `typeMember`), or the
   * whole message if it has no type. With it, a connection that still receives but no longer reaches
   * the server is detected, and round trips are exact. At most 256 bytes.
   *
   * @default "" - any message is an answer, and a server that sends messages is not pinged
   *
   * @example
   * { interval: 15_000, timeout: 5_000, message: { type: "ping" }, reply: "pong" }
   */
  reply?: string;
}

/** The options of `steadysocket/core`. Times are in milliseconds, sizes in bytes. */
export interface CoreSocketOptions {
  /** `false` makes one attempt only. */
  reconnect?: ReconnectOptions | false;
  /** How much may wait for a connection, and what becomes of the rest. */
  queue?: QueueOptions;
  /**
   * Sent first on every connection, before anything that waits in the queue: "who I am".
   * An object goes as JSON.
   */
  firstMessage?: Provided<string | object>;
  /**
   * Called when a connection has opened, before the queue goes: to log in, and to subscribe again,
   * with `connection.send`. What waits goes when it returns, or when its promise is fulfilled. If it
   * throws, rejects, or takes longer than `connectTimeout`, the connection is given up, and the next
   * attempt scheduled.
   */
  greet?: (connection: Greeting) => unknown;
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
  /** Makes no attempt before `reconnect()`: the socket begins as `closed`. @default false */
  startClosed?: boolean;
  /** An attempt that takes longer has failed. @default 10000 */
  connectTimeout?: number;
  /** A close handshake that takes longer is not waited for. @default 3000 */
  closeTimeout?: number;
  /** When the browser holds this many bytes, messages wait in the queue. @default 1048576 */
  highWaterMark?: number;
  /** They go on when it holds no more than this. @default half of highWaterMark */
  lowWaterMark?: number;
  /**
   * What connections are made of. SteadySocket stands for the class beneath it.
   * @default globalThis.WebSocket, as it is at every attempt
   */
  WebSocket?: WebSocketClass;
}

/**
 * The options of a SteadySocket. Times are in milliseconds, sizes in bytes.
 *
 * The option names of reconnecting-websocket and partysocket are accepted as well.
 */
export interface SteadySocketOptions<Incoming = AnyMessages>
  extends CoreSocketOptions,
    CompatOptions {
  /**
   * What the messages of a type have to be: validators of any library that follows the Standard
   * Schema specification. One that is something else is not handed to handlers: `error` event with
   * `invalid_message`.
   */
  schemas?: Schemas<Incoming>;
  /** How replies to `request` are told apart. */
  requests?: RequestNames;
}
