/** Where a socket is in its life. `closed` is the end, unless `reconnect` is called. */
export type State = "idle" | "connecting" | "open" | "waiting" | "suspended" | "closing" | "closed";

/** Why a message will not be sent. */
export type DropReason =
  /** `queue.maxMessages` or `queue.maxBytes` is reached. */
  | "queue_full"
  /** The socket is closed, or was closed while the message waited. */
  | "closed"
  /** The platform's WebSocket would not take it. */
  | "refused"
  /** It is older than its `ttl`. */
  | "expired"
  /** A newer message with the same `key` has its place. */
  | "replaced"
  /** It was taken back. */
  | "cancelled"
  /** It is `volatile`, and would have had to wait. */
  | "not_now"
  /** It is `connectionOnly`, and there is no connection, or not the same one. */
  | "connection_ended"
  /**
   * It was handed to the browser, which still had it when the connection ended. It may have
   * arrived: see `queue.unconfirmed`.
   */
  | "unconfirmed";

/** The platform's CloseEvent where there is one (Node has none before version 23). */
const CloseEventBase: typeof CloseEvent =
  globalThis.CloseEvent ??
  (class extends Event {
    readonly code: number;
    readonly reason: string;
    readonly wasClean: boolean;
    constructor(type: string, init: CloseEventInit = {}) {
      super(type, init);
      this.code = init.code ?? 0;
      this.reason = init.reason ?? "";
      this.wasClean = init.wasClean ?? false;
    }
  } as unknown as typeof CloseEvent);

/** Gives a class the name that it has for its users: minifiers take it away. */
export function nameClass(made: { readonly name: string }, name: string): void {
  Object.defineProperty(made, "name", { value: name });
}

/** A connection, or an attempt to connect, has ended. */
export class SteadyCloseEvent extends CloseEventBase {
  static {
    nameClass(SteadyCloseEvent, "SteadyCloseEvent");
  }

  /** Another attempt follows. False means that the socket is now closed for good. */
  readonly willRetry: boolean;
  constructor(init: CloseEventInit & { willRetry: boolean }) {
    super("close", init);
    this.willRetry = init.willRetry;
  }
}

/** Something failed. What that means for the connection is told by `close`. */
export class SteadyErrorEvent extends Event {
  static {
    nameClass(SteadyErrorEvent, "SteadyErrorEvent");
  }

  /** A stable name, such as `"connection_failed"`, `"connect_timeout"` or `"blocked"`. */
  readonly code: string;
  /** A text for people. */
  readonly message: string;
  /**
   * The error that it comes from, if there is one: of the WebSocket class outside of browsers (its
   * `code` may be `"ECONNREFUSED"`), of a function for the URL, or of `greet`.
   */
  readonly cause: unknown;
  constructor(code: string, message: string, cause?: unknown) {
    super("error");
    this.code = code;
    this.message = message;
    this.cause = cause;
  }
  /** The same as an Error. */
  get error(): Error {
    return new Error(this.message, { cause: this.cause });
  }
}

/** The socket went from one state to another. */
export class StateChangeEvent extends Event {
  static {
    nameClass(StateChangeEvent, "StateChangeEvent");
  }

  /** The state that it is in now. */
  readonly state: State;
  /** The state that it was in. */
  readonly previous: State;
  /** In `waiting`: milliseconds until the next attempt. Otherwise 0. */
  readonly retryIn: number;
  /** In `waiting`, `suspended` and `closed`: how the last connection or attempt ended, if anybody said so. */
  readonly reason: string;
  constructor(state: State, previous: State, retryIn: number, reason: string) {
    super("statechange");
    this.state = state;
    this.previous = previous;
    this.retryIn = retryIn;
    this.reason = reason;
  }
}

/** A message will not be sent. Told once for each. */
export class DropEvent extends Event {
  static {
    nameClass(DropEvent, "DropEvent");
  }

  /** Why. */
  readonly reason: DropReason;
  /** What was given to `send`; an object as its JSON text. */
  readonly data: unknown;
  /** The `id` of its SendResult, if it has one; 0 if it was never queued. */
  readonly id: number;
  constructor(reason: DropReason, data: unknown, id: number) {
    super("drop");
    this.reason = reason;
    this.data = data;
    this.id = id;
  }
}

/** What a SteadySocket dispatches. */
export interface SteadySocketEventMap {
  /** A connection is up. */
  open: Event;
  /** A message was received. It is told before its handlers are called. */
  message: MessageEvent<string | ArrayBuffer | Blob>;
  /** A connection, or an attempt, has ended; or the socket was closed while it waited. */
  close: SteadyCloseEvent;
  /** Something failed. */
  error: SteadyErrorEvent;
  /** The socket went from one state to another. Comes before all others of the same moment. */
  statechange: StateChangeEvent;
  /** A message will not be sent. */
  drop: DropEvent;
}
