// The boundary between a socket and its kernel. Only the files behind it (*-port.ts) know how the kernel is called: what is above deals in strings, payloads and events.

import { sentWithId, wasDropped } from "./codes.gen.js";
import { dropReasons } from "./codes.js";
import type { DropReason } from "./events.js";
import type { WireData } from "./payload.js";
import type { CoreSettings } from "./read-options.js";

/** The live connection as far as it may be read without asking the core. */
export interface Grant {
  /** The platform's WebSocket; null without a connection. */
  readonly socket: Negotiated | null;
  /** 1 if a received array is a batch of messages. */
  readonly batched: number;
  /** 1 while the reply to a ping is awaited: see `Port.heartbeatAnswered`. */
  readonly seeksReply: number;
}

/** What client and server agreed on. */
export interface Negotiated {
  /** Missing or empty where the socket knows its URL itself. */
  readonly url?: string;
  readonly protocol: string;
  readonly extensions: string;
}

/** What to connect with. */
export interface ConnectionDetails {
  readonly url: string;
  readonly subprotocols: readonly string[];
  readonly firstMessage?: string | undefined;
}

/** What a port is opened with. */
export interface PortOptions {
  readonly details: ConnectionDetails;
  readonly core: CoreSettings;
  /** `options.WebSocket` */
  readonly webSocketClass: unknown;
  readonly startsClosed: boolean;
}

/** What a message is sent with. */
export interface DeliveryOptions {
  /** Milliseconds; negative without a limit. */
  readonly ttl: number;
  /** MessageFlag bits. */
  readonly flags: number;
  /** Empty without one. */
  readonly key: string;
}

/** The immediate result of sending a message. */
export interface SendAnswer {
  readonly status: "sent" | "queued" | "dropped" | "rejected";
  /** Of a message that is queued or tracked, otherwise 0. Never used twice in a socket's life. */
  readonly id: number;
  /** Set if it is dropped or rejected. `PortListener.dropped` reports that as well. */
  readonly reason?: DropReason;
}

/** The answer for a message that was sent and is not tracked. */
export const accepted: SendAnswer = { status: "sent", id: 0 };

/** A message within the credit counts so many bytes more: small ones are bounded in number, too. */
export const overhead = 32;

/** What InputKind.send has returned. */
export function answerOf(answer: number): SendAnswer {
  if (answer === 0) return accepted;
  if (answer > sentWithId) return { status: "sent", id: answer - sentWithId };
  if (answer > 0) return { status: "queued", id: answer };
  const isDropped = answer <= -wasDropped;
  const reason = dropReasons[isDropped ? -answer - wasDropped : -answer] as DropReason;
  return { status: isDropped ? "dropped" : "rejected", id: 0, reason };
}

/** `code` of `reconnect` and `close` without a code. */
export const noCode = -1;
/** `deadline` of `close` without a flush. */
export const noFlush = -1;

/** The answers to what a kernel asks. An answer has no effect once its attempt is over. */
export interface ConnectionSetup {
  /** This attempt still waits for what it is to connect with. */
  isAsking(attempt: number): boolean;
  provided(attempt: number, details: ConnectionDetails): void;
  /** The attempt fails. */
  providerFailed(attempt: number, error: unknown): void;

  /** This connection is still being greeted: its queue is held. */
  isGreeting(attempt: number): boolean;
  /** Sends ahead of the queue. False if the connection has ended. */
  sendGreeting(attempt: number, payload: WireData, isJson: boolean): boolean;
  greeted(attempt: number): void;
  /** The connection is given up. */
  greetingFailed(attempt: number, error: unknown): void;
}

/** Everything that a socket asks of its part of the core. No method calls a listener of the user. */
export interface Port {
  readonly grant: Grant;
  /** A call of the user is under way: what it reports is dispatched in a task of its own. */
  readonly isInCall: boolean;
  /** `closed` has been reported. Nothing else follows unless the socket is opened again. */
  readonly isOver: boolean;
  /** An index into `states`. */
  state(): number;
  /** False after a close, even one that is not reported yet: received messages are discarded. */
  isReceiving(): boolean;
  /** Connects, unless the socket begins closed. @throws what the constructor throws. */
  start(): void;
  /** Messages that are not sent are given back: binary data has to be what it was. */
  keepCopies(): void;
  /** From now on the listener is kept alive until the socket is closed. */
  hold(): void;

  /** @throws InvalidStateError */
  connect(): void;
  /** @throws InvalidStateError */
  suspend(): void;
  /** @throws InvalidStateError */
  resume(): void;
  /** Also opens a closed socket. @throws InvalidAccessError, SyntaxError, InvalidStateError */
  reconnect(code: number, reason: string): void;
  /** `deadline` in milliseconds. @throws InvalidAccessError, SyntaxError, RangeError */
  close(code: number, reason: string, deadline: number): void;
  /** Leaves a connection that others use as well. False if it has no other user. */
  detach(): boolean;

  /** Binary data is copied if it has to wait, or is given back. */
  send(payload: WireData, isJson: boolean, options?: DeliveryOptions): SendAnswer;
  /** False if it is not queued any more. */
  cancel(id: number): boolean;
  /** The reply to a message has arrived or is not awaited any more. False if it is still queued. */
  answered(id: number): boolean;
  /** `PortListener.drained` is called once. */
  drained(): void;
  /** The message that `heartbeat.reply` names has arrived. */
  heartbeatAnswered(): void;

  /** Bytes in the queue and in the platform's buffer. */
  bufferedAmount(): number;
  /** Milliseconds; negative if no attempt is scheduled. */
  retryIn(): number;
  /** `reading`: a `Reading`. Keeps its last value when the socket is closed. */
  measured(reading: number): number | undefined;
  /** Of the present connection; empty strings without one. */
  negotiated(): Negotiated;

  /** Every event reported so far has been dispatched. */
  dispatched(): void;
  /** Runs `task` in a task of its own, soon also in a hidden page. */
  postTask(task: () => void): void;
}

/**
 * Everything that a port reports to its socket. Except for `message` and `decide`, methods are
 * called from inside the core: they may only record what happened, and must not throw.
 */
export interface PortListener {
  /** A WebSocket is about to be created. */
  connecting(): void;
  /**
   * An event of the kernel. `kind` is a CommandKind, which describes `a` to `c`. `text` is the reason
   * or the message; `value` is the data of a message that was dropped, or the cause of an error.
   */
  event(kind: number, a: number, b: number, c: number, text: string, value: unknown): void;
  /** Asks what an attempt is to connect with. */
  provide(setup: ConnectionSetup, attempt: number): void;
  /** Asks for what comes before the queue on a new connection. */
  greet(setup: ConnectionSetup, attempt: number): void;
  /** The port was detached: events that are not dispatched yet are dropped. */
  silence(): void;
  /** A message was received on the present connection. */
  message(data: string | ArrayBuffer): void;
  /** Returns what follows a close as a CloseAction; -1 leaves it to the rules. Must not throw. */
  decide(code: number, reason: string, wasClean: boolean): number;
}
