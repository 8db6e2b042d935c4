// The boundary between a socket and its kernel. Only its implementations (*-port.ts) call the
// kernel; all other files deal with strings, payloads and events.

import { dropReasons, sentWithId, wasDropped } from "./codes.gen.js";
import type { DropReason } from "./names.gen.js";
import type { WireData } from "./payload.js";
import type { CoreSettings } from "./read-options.js";

/** The state of the connection that may be read without calling the kernel. */
export interface Grant {
  /** The platform's WebSocket; null without a connection. */
  readonly socket: Negotiated | null;
  /** 1 if a received array is a batch of messages. */
  readonly batched: number;
  /** 1 while a ping awaits its reply: see `Port.heartbeatAnswered`. */
  readonly seeksReply: number;
}

/** Results of the handshake. */
export interface Negotiated {
  /** Missing or empty if the socket knows its URL from its own options. */
  readonly url?: string;
  readonly protocol: string;
  readonly extensions: string;
}

/** Parameters of a connection attempt. */
export interface ConnectionDetails {
  readonly url: string;
  readonly subprotocols: readonly string[];
  readonly firstMessage?: string | undefined;
}

/** Parameters of `openPort`. */
export interface PortOptions {
  readonly details: ConnectionDetails;
  readonly core: CoreSettings;
  /** `options.WebSocket`, unchecked. */
  readonly webSocketClass: unknown;
  readonly startsClosed: boolean;
  readonly startsSuspended: boolean;
}

/** The send options of one message. */
export interface DeliveryOptions {
  /** Time to live in milliseconds; negative without a limit. */
  readonly ttl: number;
  /** MessageFlag bits. */
  readonly flags: number;
  /** Empty without a key. */
  readonly key: string;
}

/** The immediate result of sending a message. */
export interface SendAnswer {
  readonly status: "sent" | "queued" | "dropped" | "rejected";
  /** Nonzero if the message is queued or tracked. Unique for the lifetime of the socket. */
  readonly id: number;
  /** Set if the message was dropped or rejected, which is also reported as CommandKind.drop. */
  readonly reason?: DropReason;
}

/** The answer for an untracked message that was sent. */
export const accepted: SendAnswer = { status: "sent", id: 0 };

/** Converts the number that InputKind.send returns. */
export function answerOf(answer: number): SendAnswer {
  if (answer === 0) return accepted;
  if (answer > sentWithId) return { status: "sent", id: answer - sentWithId };
  if (answer > 0) return { status: "queued", id: answer };
  const isDropped = answer <= -wasDropped;
  const reason = dropReasons[isDropped ? -answer - wasDropped : -answer] as DropReason;
  return { status: isDropped ? "dropped" : "rejected", id: 0, reason };
}

/** The `code` argument of `reconnect` and `close` without a close code. */
export const noCode = -1;
/** The `deadline` argument of `close` without a flush. */
export const noFlush = -1;

/** Answers to the kernel's questions. An answer has no effect after its attempt has ended. */
export interface ConnectionSetup {
  /**
   * `question`: Reading.asking or greeting. True while this attempt waits for `provided`, or while
   * this connection is greeted and its queue is held.
   */
  isPending(question: number, attempt: number): boolean;
  provided(attempt: number, details: ConnectionDetails): void;
  /** Sends ahead of the queue. False if the connection has ended. */
  sendGreeting(attempt: number, payload: WireData, isJson: boolean): boolean;
  greeted(attempt: number): void;
  /**
   * Fails the attempt, or abandons the connection. `kind`: InputKind.providerFailed or
   * greetingFailed. `code`: an ErrorCode.
   */
  failed(kind: number, attempt: number, code: number, error: unknown): void;
}

/** The calls of a socket to its kernel. No method calls a listener of the user. */
export interface Port {
  readonly grant: Grant;
  /** True during a call by the user: its events are dispatched in a separate task. */
  readonly isInCall: boolean;
  /** True after `closed` was reported. No event follows unless the socket is reopened. */
  readonly isOver: boolean;
  /** Called whenever what can be read may have changed. They may only schedule something. */
  readonly watchers: Set<() => void>;
  /** An index into `states`. */
  state(): number;
  /** False after a close, even if not reported yet: received messages are discarded. */
  isReceiving(): boolean;
  /** Connects, unless `startsClosed` or `startsSuspended`. @throws the errors of SteadySocket's constructor. */
  start(): void;
  /** Keeps copies of binary data from now on: dropped messages are returned unchanged. */
  keepCopies(): void;
  /** Keeps the listener alive until the socket is closed. */
  hold(): void;

  /** `kind`: InputKind.connect, suspend or resume. @throws InvalidStateError */
  control(kind: number): void;
  /** Also reopens a closed socket. @throws InvalidAccessError, SyntaxError, InvalidStateError */
  reconnect(code: number, reason: string): void;
  /** `deadline` in milliseconds. @throws InvalidAccessError, SyntaxError, RangeError */
  close(code: number, reason: string, deadline: number): void;
  /** Detaches from a shared socket. False if the socket is not shared. */
  detach(): boolean;

  /**
   * Copies binary data if it is queued, or may be returned in a drop event. `data` is what `payload`
   * was made of: JSON may be batched.
   */
  send(payload: WireData, data: unknown, options?: DeliveryOptions): SendAnswer;
  /** False if the message is no longer queued. */
  cancel(id: number): boolean;
  /** Marks a request as answered or abandoned. False if it is still queued. */
  answered(id: number): boolean;
  /** Requests one CommandKind.drained event. */
  drained(): void;
  /** Requests one CommandKind.delivered event. */
  delivered(): void;
  /** Reports that the message named by `heartbeat.reply` has arrived. */
  heartbeatAnswered(): void;

  /** Bytes in the queue and in the platform's buffer. */
  bufferedAmount(): number;
  /** Returns a Reading that is not negative; a measurement also after the socket is closed. */
  measured(reading: number): number | undefined;
  /** The server's clock less `Date.now()`, in milliseconds. */
  clockOffset(): number | undefined;
  /** The handshake results of the current connection; empty strings without one. */
  negotiated(): Negotiated;

  /** Called when every event reported so far has been dispatched. */
  dispatched(): void;
  /** Runs `task` in a separate task, without the timer throttling of hidden pages. */
  postTask(task: () => void): void;
}

/**
 * Receives the reports of a port. Except for `message` and `decide`, methods are called from inside
 * the kernel's host: they may only record an event, and must not throw.
 */
export interface PortListener {
  /** Called before a WebSocket is created. */
  connecting(): void;
  /**
   * Reports an event of the kernel. `kind` is a CommandKind, which defines `a` to `c`. `text` is
   * the reason or the error message; `value` is the data of a dropped message, or the cause of an
   * error.
   */
  event(kind: number, a: number, b: number, c: number, text: string, value: unknown): void;
  /** Asks for the connection details of an attempt. */
  provide(setup: ConnectionSetup, attempt: number): void;
  /** Asks to greet a new connection before its queue is flushed. */
  greet(setup: ConnectionSetup, attempt: number): void;
  /** Called when the port is detached: pending events are dropped. */
  silence(): void;
  /** Called with every message received on the current connection. */
  message(data: string | ArrayBuffer): void;
  /** Returns the CloseAction for a close; -1 to apply the rules. Must not throw. */
  decide(code: number, reason: string, wasClean: boolean): number;
}
