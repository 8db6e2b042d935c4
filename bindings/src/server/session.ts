import type { MessageData } from "./frames.js";

/**
 * Why a session has ended. `ended`: by the client. `closed`: by {@link Session.close}. `failed`: its
 * `onmessage`, or `onsession`, has thrown or rejected. `expired`: no connection for `ttl`.
 * `overflow`: more than `maxMessages` or `maxBytes` were not acknowledged. `evicted`: `maxSessions`
 * was reached. `lost`: the client or the store has lost its state; another session replaces it.
 * `moved`: another process has taken it over.
 */
export type EndReason =
  | "ended"
  | "closed"
  | "failed"
  | "expired"
  | "overflow"
  | "evicted"
  | "lost"
  | "moved";

/** A message that the client has not acknowledged: it may have arrived. */
export interface Undelivered {
  /** The number that `send` returned. */
  readonly number: number;
  /** Text, or a copy of the binary data. */
  readonly data: string | Uint8Array;
}

/**
 * Handles a message. Called with one message at a time, in order; a message is acknowledged, and the
 * next one handled, when it has returned or its promise is fulfilled. If it throws or rejects, the
 * session ends with `failed` and the message is not acknowledged. With a store a handler throws a
 * {@link SessionError} with the code `moved` if it finds that another process has the session.
 * @param data - Text as a string; binary data as the WebSocket has it, in Node a Buffer.
 * @param number - The number of the message in this session and epoch.
 */
export type MessageHandler = (data: MessageData, number: number) => void | PromiseLike<void>;

/** Options of {@link Session.send}. */
export interface SessionSendOptions {
  /**
   * Sends the message now, or drops it if the session has no connection. It is never kept or sent
   * again: it counts neither as `maxMessages` nor as `maxBytes`, and is not in `undelivered`. For a
   * state that the next one replaces. Not with a `store`.
   * @default false
   */
  volatile?: boolean;
}

/** A session on the server. It outlives connections. */
export interface Session<User = unknown> {
  /**
   * Identifies the session. A secret: a client that has it and passes `authorize` can take the
   * session over. Write it to no log and no URL.
   */
  readonly id: string;
  /** Identifies the counters: another one after a loss, with a session of its own. */
  readonly epoch: string;
  /** The generation of the newest connection: increases with every connection. */
  readonly generation: number;
  /**
   * The fencing token that identifies this object in the store. An application that writes to the same
   * store checks in the same step that the session still has this owner. Empty without a store.
   */
  readonly owner: string;
  /** The `user` that was passed to `accept` for the newest connection. */
  readonly user: User;
  /**
   * `new`: the client has begun it. `replaced`: the state of the client's session is lost, here or
   * there, and this one begins in its place. `loaded`: continues a session of the store.
   */
  readonly origin: "new" | "replaced" | "loaded";
  /** Whether it has a connection. */
  readonly isConnected: boolean;
  /**
   * The number of the last message that was sent, 0 before the first one. A server that sends a log
   * as messages 1, 2, 3 and so on continues behind it when it has loaded a session.
   */
  readonly sent: number;
  /** Handles messages; they wait until it is set. @default undefined */
  onmessage: MessageHandler | undefined;
  /** Called when a connection begins or resumes the session. @default undefined */
  onconnect: (() => void) | undefined;
  /** Called when the session has lost its connection. @default undefined */
  ondisconnect: (() => void) | undefined;
  /**
   * Called once, at the end, with what the client has not acknowledged. May be called inside `send`
   * and `close`. No other handler is called after it. `message` is the client's reason for `ended`,
   * otherwise empty.
   * @default undefined
   */
  onend:
    | ((reason: EndReason, undelivered: readonly Undelivered[], message: string) => void)
    | undefined;
  /**
   * Sends a message, now or when the client is back. Binary data is copied.
   * @returns The number of the message: 1 for the first one; 0 for a volatile one that is dropped.
   * @throws TypeError - `data` is not a string, an ArrayBuffer or a view, or an option is unknown or
   * not supported.
   * @throws SessionError - With the code `ended`: the session has ended.
   */
  send(data: string | ArrayBufferLike | ArrayBufferView, options?: SessionSendOptions): number;
  /**
   * Ends the session for good. What waits for `onmessage` is dropped, and is unacknowledged for the
   * client. Does nothing if the session has ended.
   * @param reason - For the client, at most 253 bytes in UTF-8. @default ""
   * @throws RangeError - `reason` is too long.
   */
  close(reason?: string): void;
}

/** An error of a session. */
export class SessionError extends Error {
  /**
   * `ended`: thrown by {@link Session.send}, the session has ended. `moved`: to be thrown by
   * `onmessage`, another process has the session; it ends here with `moved`.
   */
  readonly code: "ended" | "moved";
  constructor(code: "ended" | "moved", message = `the session has ${code}`) {
    super(message);
    this.name = "SessionError";
    this.code = code;
  }
}
