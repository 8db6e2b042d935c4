import type { CompatOptions } from "./compat-options.js";
import type { Sendable } from "./payload.js";
import type { RequestNames } from "./requests.js";
import type { Schema } from "./schema.js";

/** A class with the interface of WebSocket, such as that of the `ws` package. */
export interface WebSocketClass {
  new (url: string, protocols?: string[]): unknown;
}

/** Message payloads by type, for a socket without type parameters: any type, any payload. */
// biome-ignore lint/suspicious/noExplicitAny: only the user knows what a server sends
export type AnyMessages = Record<string, any>;

/** Validators by message type. Types without a validator are not validated. */
export type Schemas<Incoming> = { readonly [Type in keyof Incoming]?: Schema<Incoming[Type]> };

/**
 * The reaction to the end of a connection: `fatal` closes the socket, `retry` schedules an attempt
 * after the usual delay, `at_once` without a delay if the connection was stable, `later` after a
 * delay between `laterMin` and `laterMax`.
 */
export type CloseAction = "fatal" | "retry" | "at_once" | "later";

/** Describes the end of a connection or an attempt. */
export interface CloseInfo {
  /** The close code (RFC 6455 7.4): 1005 for a frame without a code, 1006 without a close frame. */
  readonly code: number;
  /** The reason given by the server; empty without one. */
  readonly reason: string;
  /** True if the connection ended with a close handshake. */
  readonly wasClean: boolean;
}

/** Options of reconnecting: exponential backoff with jitter. Times are in milliseconds. */
export interface ReconnectOptions {
  /**
   * Upper bound of the first retry delay, in milliseconds, which is drawn evenly from 0 to it. Later
   * delays are drawn from a third of their upper bound to the whole. More than 0 and at most one day.
   * @default 1000
   */
  initialDelay?: number;
  /**
   * Largest upper bound, in milliseconds. Between `initialDelay` and one day. @default 5000
   */
  maxDelay?: number;
  /** Growth factor of the upper bound per retry. 1 or more, and finite. @default 2 */
  factor?: number;
  /**
   * Consecutive retries before the socket is closed. 0 or more; 0 never reconnects.
   * @default Infinity
   */
  maxAttempts?: number;
  /**
   * Milliseconds in which attempts may begin, from the first one or from the loss of a stable
   * connection. Then the socket is closed. More than 0. @default Infinity
   */
  maxElapsed?: number;
  /**
   * Milliseconds after which an open connection counts as stable, and retries are counted from zero
   * again. 0 or more. @default 5000
   */
  stableAfter?: number;
  /**
   * Lower bound of the delay for the close action `later`, in milliseconds. Between 0 and one day.
   * @default 5000
   */
  laterMin?: number;
  /**
   * Upper bound of the delay for the close action `later`, in milliseconds. Between `laterMin` and
   * one day.
   * @default 30000
   */
  laterMax?: number;
  /**
   * Actions by close code or range of codes (0 to 65535), such as
   * `{ 4001: "retry", "4100-4199": "later" }`. They take precedence over the table in
   * docs/guides/reconnecting.md. Single codes take precedence over ranges, earlier ranges over later ones.
   * `"0-65535"` replaces the whole table.
   */
  closeRules?: { readonly [codes: string]: CloseAction };
  /**
   * Called when a connection or an attempt has ended. Returns the action, or `true` for `retry` and
   * `false` for `fatal`. If it returns undefined or throws, the close rules apply.
   */
  decide?: (close: CloseInfo) => CloseAction | boolean | undefined;
}

/** Limits of the send queue. */
export interface QueueOptions {
  /** Messages that may be queued. 0 or more. @default 1000 */
  maxMessages?: number;
  /**
   * Bytes on the wire that may be queued. 0 or more. A larger message is sent if the connection can
   * take it immediately. @default 16777216
   */
  maxBytes?: number;
  /**
   * Policy for a message beyond the limits: `reject` rejects it, `drop_oldest` drops the oldest
   * queued messages to make room for it, `drop_newest` drops it.
   * @default "reject"
   */
  overflow?: "reject" | "drop_oldest" | "drop_newest";
  /**
   * Policy for messages in the browser's buffer when their connection ends; they may have arrived.
   * `report` drops them: no message is sent twice. `requeue` sends them first on the next
   * connection: no message is lost, but it may arrive twice.
   * @default "report"
   */
  unconfirmed?: "report" | "requeue";
}

/** Options of `send` for one message. */
export interface SendOptions {
  /**
   * Time to live in milliseconds; a message queued for longer is dropped. 0 or more.
   * @default Infinity
   */
  ttl?: number;
  /**
   * A newer message with the same key replaces a queued one, at its position. The queued one is
   * reported as a `drop` only if it has `track`.
   */
  key?: string;
  /** Queued messages of `high` priority are sent first. @default "normal" */
  priority?: "normal" | "high";
  /** Drops the message if it cannot be sent immediately. @default false */
  volatile?: boolean;
  /** Drops the message if it cannot be sent on the current connection. @default false */
  connectionOnly?: boolean;
  /** Adds the promise `outcome` to the result of `send`. @default false */
  track?: boolean;
}

/** Options of `close`. */
export interface CloseOptions {
  /** Close code: 1000 or 3000 to 4999. */
  code?: number;
  /** Close reason, at most 123 bytes of UTF-8. Not sent without a code. */
  reason?: string;
  /**
   * Closes only after all messages have left the queue and the browser's buffer, reconnecting if
   * necessary. @default false
   */
  flush?: boolean;
  /** Time limit of the flush in milliseconds. More than 0 and at most one day. @default 5000 */
  deadline?: number;
}

/** A value, or a function that returns it or a promise of it before every attempt. */
export type Provided<Value> = Value | (() => Value | PromiseLike<Value>);

/** The argument of `greet`: an open connection whose queue is held. */
export interface Greeting {
  /** Sends a message ahead of the queue. False if the connection or the greeting has ended. */
  send(data: Sendable): boolean;
}

/** Options of batching. */
export interface BatchOptions {
  /**
   * Batches only if the server selects this subprotocol. It must be one of the offered
   * subprotocols: the last one, since a server that does not know it may select the first. Without
   * this option all connections are batched, and every server must support that.
   */
  subprotocol?: string;
  /** Messages in one frame. 1 or more. @default 64 */
  maxMessages?: number;
  /**
   * Bytes in one frame. 1 or more. A larger message is sent in a frame of its own.
   * @default 16384
   */
  maxBytes?: number;
}

/**
 * Options of the heartbeat, which detects dead connections. Times are in milliseconds. A connection
 * is also abandoned if no sent data leaves the browser's buffer for `interval` + `timeout`.
 */
export interface HeartbeatOptions {
  /**
   * A ping is sent before this many milliseconds have passed since the last message from the
   * server; with `reply`, since the last reply. More than 0 and at most one day.
   * @default 15000
   */
  interval?: number;
  /**
   * Milliseconds after a ping in which an answer must arrive, or the connection is abandoned. More
   * than 0 and at most one day.
   * @default 5000
   */
  timeout?: number;
  /** The ping, which the server must answer. Must not be empty. @default { type: "ping" } */
  message?: string | object;
  /**
   * The only message that answers a ping: its type (see `typeMember`), or the whole message if it
   * has no type. Also detects a connection that still receives but no longer reaches the server,
   * and makes round-trip times exact. At most 256 bytes.
   *
   * @default "" - any message is an answer, and a server that sends messages is not pinged
   *
   * @example
   * { interval: 15_000, timeout: 5_000, message: { type: "ping" }, reply: "pong" }
   */
  reply?: string;
}

/**
 * Options of a session, in which every message is delivered exactly once and in order over any
 * number of connections. Requires a server with `steadysocket/server` or another implementation of
 * docs/design/session-protocol.md. Times are in milliseconds.
 */
export interface SessionOptions {
  /**
   * Fails the attempt with the code `session_unsupported` if the server does not support sessions.
   * Otherwise the connection is used without one. @default false
   */
  required?: boolean;
  /**
   * Messages that may be sent and not acknowledged; more are queued. 1 to 1000. @default 1000
   */
  window?: number;
  /**
   * Milliseconds without a connection after which the session ends, as if the server had
   * lost it. More than 0. @default Infinity
   */
  ttl?: number;
}

/** The options of `steadysocket/core`. Times are in milliseconds, sizes in bytes. */
export interface CoreSocketOptions {
  /** Reconnecting; `false` makes only one attempt. */
  reconnect?: ReconnectOptions | false;
  /** Limits of the send queue, and policies for messages beyond them. */
  queue?: QueueOptions;
  /**
   * A message sent first on every connection, ahead of the queue, for example to authenticate. An
   * object is sent as JSON.
   */
  firstMessage?: Provided<string | object>;
  /**
   * Called when a connection has opened, to log in or subscribe again with `connection.send`. The
   * queue is flushed when it returns, or when its promise is fulfilled. If it throws, rejects, or
   * takes longer than `connectTimeout`, the connection is abandoned, and the next attempt is
   * scheduled.
   */
  greet?: (connection: Greeting) => unknown;
  /**
   * Sends the objects passed to `send` in one task as one JSON array, and splits received arrays
   * into messages. Requires support by the server.
   * @default false
   */
  batch?: BatchOptions | boolean;
  /**
   * Pings a silent server, to detect dead connections. Without it the socket sends no messages of
   * its own.
   * @default false
   */
  heartbeat?: HeartbeatOptions | boolean;
  /**
   * Has the server confirm the delivery of every message, and continues over connections without
   * loss or duplicates. Turns the heartbeat on. Requires support by the server.
   * @default false
   */
  session?: SessionOptions | boolean;
  /**
   * Location of the string by which messages are routed: the name of a member, or a JSON Pointer
   * (RFC 6901), which begins with a slash: "/header/type", or "/3" for arrays.
   * @default "type"
   */
  typeMember?: string;
  /** Starts in the state `closed`, and connects when `reconnect()` is called. @default false */
  startClosed?: boolean;
  /**
   * Starts in the state `suspended`: messages are queued, and nothing is loaded or connected until
   * `resume()`, `connect()` or `reconnect()` is called. Also where the platform has no WebSocket,
   * such as in server-side rendering: only an attempt fails then.
   * @default false
   */
  startSuspended?: boolean;
  /**
   * Time limit of an attempt in milliseconds. More than 0 and at most one day. @default 10000
   */
  connectTimeout?: number;
  /**
   * Time limit of the close handshake in milliseconds. More than 0 and at most one day.
   * @default 3000
   */
  closeTimeout?: number;
  /**
   * Messages are queued once the browser's buffer holds this many bytes. 1 or more.
   * @default 1048576
   */
  highWaterMark?: number;
  /**
   * The queue is flushed once the browser's buffer has drained to this many bytes. At least 0 and
   * below `highWaterMark`.
   * @default half of highWaterMark
   */
  lowWaterMark?: number;
  /**
   * Class of the connections. SteadySocket itself means its underlying class.
   * @default globalThis.WebSocket, read at every attempt
   */
  WebSocket?: WebSocketClass;
}

/**
 * The options of a SteadySocket. Times are in milliseconds, sizes in bytes. The option names of
 * reconnecting-websocket and partysocket are accepted as well.
 */
export interface SteadySocketOptions<Incoming = AnyMessages>
  extends CoreSocketOptions,
    CompatOptions {
  /**
   * Validators by message type, of any library that implements the Standard Schema specification. A
   * message that fails validation is not passed to handlers, and reported by an `error` event with
   * the code `invalid_message`.
   */
  schemas?: Schemas<Incoming>;
  /** Members by which `request` matches replies with requests. */
  requests?: RequestNames;
  /**
   * Logs what happens to the socket: docs/guides/debugging.md. User, password and query of URLs are masked,
   * messages are not. `false` also if the environment asks for it.
   *
   * @default whether `localStorage.debug`, or DEBUG in Node and Bun, contains `steadysocket`
   */
  debug?: boolean;
  /** Called with every line that `debug` logs. @default console.log */
  debugLogger?: (line: string) => void;
}
