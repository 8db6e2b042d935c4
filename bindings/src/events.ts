import { CloseEventBase } from "./close-event.js";
import { described, nameClass } from "./inspection.js";
import type { DropReason, SteadyErrorEventCode } from "./names.gen.js";

/** The state of a socket. `closed` is final unless `reconnect` is called. */
export type State = "idle" | "connecting" | "open" | "waiting" | "suspended" | "closing" | "closed";

/** Dispatched when a connection or an attempt has ended. */
export class SteadyCloseEvent extends CloseEventBase {
  static {
    nameClass(SteadyCloseEvent, "SteadyCloseEvent", ["code", "reason", "willRetry", "wasClean"]);
  }

  /** True if another attempt follows; false if the socket is now closed. */
  readonly willRetry: boolean;
  constructor(init: CloseEventInit & { willRetry: boolean }) {
    super("close", init);
    this.willRetry = init.willRetry;
  }
}

/** Dispatched for an error. A `close` event reports the effect on the connection, if any. */
export class SteadyErrorEvent extends Event {
  static {
    nameClass(SteadyErrorEvent, "SteadyErrorEvent", ["code", "message", "cause"]);
  }

  /** A stable name to branch on. */
  readonly code: SteadyErrorEventCode;
  /** A human-readable description, which may change between versions. */
  readonly message: string;
  /**
   * The underlying error, if there is one: of the WebSocket class outside browsers (its `code` may
   * be `"ECONNREFUSED"`), of a function that provides the URL, or of `greet`.
   */
  readonly cause: unknown;
  constructor(code: SteadyErrorEventCode, message: string, cause?: unknown) {
    super("error");
    this.code = code;
    this.message = message;
    this.cause = cause;
  }
  /** An Error with the same message and cause. */
  get error(): Error {
    return new Error(this.message, { cause: this.cause });
  }
}

/** Dispatched when the state of the socket has changed. */
export class StateChangeEvent extends Event {
  static {
    nameClass(StateChangeEvent, "StateChangeEvent", ["state", "previous", "retryIn", "reason"]);
  }

  /** The new state. */
  readonly state: State;
  /** The previous state. */
  readonly previous: State;
  /** Milliseconds until the next attempt if the state is `waiting`, otherwise 0. */
  readonly retryIn: number;
  /**
   * The reason of the last close if the state is `waiting`, `suspended` or `closed`; empty if none
   * was given.
   */
  readonly reason: string;
  constructor(state: State, previous: State, retryIn: number, reason: string) {
    super("statechange");
    this.state = state;
    this.previous = previous;
    this.retryIn = retryIn;
    this.reason = reason;
  }
}

/** Dispatched once for every message that is dropped or rejected. */
export class DropEvent extends Event {
  static {
    nameClass(DropEvent, "DropEvent", ["reason", "data", "id"], { data: described });
  }

  /** The reason of the drop. */
  readonly reason: DropReason;
  /** The argument of `send`; an object as its JSON string. */
  readonly data: unknown;
  /** The `id` of the SendResult; 0 if the message was never queued. */
  readonly id: number;
  constructor(reason: DropReason, data: unknown, id: number) {
    super("drop");
    this.reason = reason;
    this.data = data;
    this.id = id;
  }
}

/** The state of a session. */
export type SessionState =
  /** It has begun. */
  | "new"
  /** It continues on this connection; nothing was lost. */
  | "resumed"
  /**
   * The server does not know it any more, or `session.ttl` is over. Messages that were not
   * acknowledged are dropped or sent again: see `queue.unconfirmed`. Another session begins.
   */
  | "lost"
  /** The server, or `close`, has ended it. */
  | "ended"
  /** The server does not support sessions: this connection has none. */
  | "unsupported";

/** Dispatched when a session has begun, was resumed, or is over. */
export class SessionEvent extends Event {
  static {
    nameClass(SessionEvent, "SessionEvent", ["state"]);
  }

  /** The new state. */
  readonly state: SessionState;
  constructor(state: SessionState) {
    super("session");
    this.state = state;
  }
}

/** The events of a SteadySocket by their type. */
export interface SteadySocketEventMap {
  /** A connection was opened. */
  open: Event;
  /**
   * A message was received. Dispatched before the handlers of its type are called. `data` is a
   * string, an ArrayBuffer or a Blob (see `binaryType`), with the type that it has in the DOM
   * library.
   */
  message: MessageEvent;
  /** A connection or an attempt has ended, or the socket was closed between attempts. */
  close: SteadyCloseEvent;
  /** An error occurred. */
  error: SteadyErrorEvent;
  /** The state changed. Dispatched before the other events of the same transition. */
  statechange: StateChangeEvent;
  /** A message was dropped or rejected. */
  drop: DropEvent;
  /** A session has begun, was resumed, or is over. */
  session: SessionEvent;
}
